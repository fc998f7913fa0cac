//! Two roles are two numbers.

use magicnet::prelude::*;

#[network_object(name = "door", roles(client = 1, server = 1))]
pub mod door {
    pub trait Server {}
}

fn main() {}
