//! A rate is a number of 32 bits.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, rate = "5000000000/s")]
        fn knock(&mut self);
    }
}

fn main() {}
