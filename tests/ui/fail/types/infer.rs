//! A type is written out.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: _);
    }
}

fn main() {}
