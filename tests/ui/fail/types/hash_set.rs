//! A bound is part of the type.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: std::collections::HashSet<u8>);
    }
}

fn main() {}
