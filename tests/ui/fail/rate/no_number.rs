//! A rate is a whole number of times.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, rate = "2.5/s")]
        fn knock(&mut self);
    }
}

fn main() {}
