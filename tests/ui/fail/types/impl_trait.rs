//! An argument has one type.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: impl Into<u8>);
    }
}

fn main() {}
