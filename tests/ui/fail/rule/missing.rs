//! The function is there.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = may_knock)]
        fn knock(&mut self);
    }
}

fn main() {}
