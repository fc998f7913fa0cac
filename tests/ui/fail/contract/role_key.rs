//! The traits are the roles, so there is no key for it.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
pub mod door {
    pub trait Server {}
}

fn main() {}
