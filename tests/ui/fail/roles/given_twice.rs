//! The roles are numbered once.

use magicnet::prelude::*;

#[network_object(name = "door", roles(client = 1, server = 0), roles(client = 2))]
pub mod door {
    pub trait Server {}
}

fn main() {}
