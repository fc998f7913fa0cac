//! The owner is no role.

use magicnet::prelude::*;

#[network_object(name = "door", roles(owner = 2))]
pub mod door {
    pub trait Server {}
}

fn main() {}
