//! Maps have a bound.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: std::collections::HashMap<u8, bool>);
    }
}

fn main() {}
