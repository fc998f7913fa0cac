//! Calls with an answer are reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, times: u8) -> bool;
    }
}

fn main() {}
