//! Views outside of the module see the roles.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    trait Server {}
}

fn main() {}
