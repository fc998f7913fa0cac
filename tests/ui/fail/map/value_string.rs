//! A value has a bound.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, by: Map<u8, String, 4>);
    }
}

fn main() {}
