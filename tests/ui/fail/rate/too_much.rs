//! A rate has two parts.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, rate = "20/s, burst 40, burst 50")]
        fn knock(&mut self);
    }
}

fn main() {}
