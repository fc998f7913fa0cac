//! Integers have 64 bits at most.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: u128);
    }
}

fn main() {}
