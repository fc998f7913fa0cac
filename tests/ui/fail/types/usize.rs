//! An argument is the same on all machines.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: usize);
    }
}

fn main() {}
