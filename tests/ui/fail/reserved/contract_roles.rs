//! `roles` is reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door", roles(client = 1, server = 0))]
pub mod door {
    pub trait Server {}
}

fn main() {}
