//! Calls with an answer are reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Client {
        fn creak(&mut self) -> bool;
    }
}

fn main() {}
