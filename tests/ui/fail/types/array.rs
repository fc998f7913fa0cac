//! Arrays are lists.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: [u8; 4]);
    }
}

fn main() {}
