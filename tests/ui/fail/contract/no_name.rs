//! A contract has a name.

use magicnet::prelude::*;

#[network_object]
pub mod door {
    pub trait Server {}
}

fn main() {}
