//! A call names the function elsewhere.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, allow = may_knock)]
        fn knock(&mut self);
    }
}

fn main() {}
