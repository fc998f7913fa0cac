//! The role that is not named has its usual number.

use magicnet::prelude::*;

#[network_object(name = "door", roles(server = 0))]
pub mod door {
    pub trait Server {}
}

fn main() {}
