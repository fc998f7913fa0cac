//! A rate lets something through.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, rate = "0/s")]
        fn knock(&mut self);
    }
}

fn main() {}
