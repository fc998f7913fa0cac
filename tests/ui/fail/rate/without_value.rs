//! A rate has a value.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, rate)]
        fn knock(&mut self);
    }
}

fn main() {}
