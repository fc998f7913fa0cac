//! A view of every node has no other beside it.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Both {
        fn knock(&mut self, times: u8);
    }
    pub trait Server {
        fn lock(&mut self);
    }
}

fn main() {}
