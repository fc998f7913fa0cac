//! A map fits a frame.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, by: Map<u32, Str<64>, 1000>);
    }
}

fn main() {}
