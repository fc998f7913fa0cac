//! A number has one byte.

use magicnet::prelude::*;

#[network_object(name = "door", roles(client = 256))]
pub mod door {
    pub trait Server {}
}

fn main() {}
