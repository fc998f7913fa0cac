//! A role is not unsafe.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub unsafe trait Server {}
}

fn main() {}
