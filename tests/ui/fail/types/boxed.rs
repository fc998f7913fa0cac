//! An argument is sent by value.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: Box<u8>);
    }
}

fn main() {}
