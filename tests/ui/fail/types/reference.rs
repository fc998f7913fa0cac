//! An argument is an owned value.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: &u8);
    }
}

fn main() {}
