//! What stands in an attribute is a key.

use magicnet::prelude::*;

#[network_object("door")]
pub mod door {
    pub trait Server {}
}

fn main() {}
