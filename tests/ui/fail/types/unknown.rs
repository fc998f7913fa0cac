//! A type that does not exist is one error.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: Missing);
    }
}

fn main() {}
