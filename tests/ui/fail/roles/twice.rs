//! One number for a role.

use magicnet::prelude::*;

#[network_object(name = "door", roles(client = 1, client = 2, server = 0))]
pub mod door {
    pub trait Server {}
}

fn main() {}
