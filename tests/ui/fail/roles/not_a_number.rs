//! A number is one.

use magicnet::prelude::*;

#[network_object(name = "door", roles(client = "1"))]
pub mod door {
    pub trait Server {}
}

fn main() {}
