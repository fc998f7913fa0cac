//! A contract declares calls.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self) {}
    }
}

fn main() {}
