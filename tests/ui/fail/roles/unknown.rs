//! Roles are known.

use magicnet::prelude::*;

#[network_object(name = "door", roles(clients = 1))]
pub mod door {
    pub trait Server {}
}

fn main() {}
