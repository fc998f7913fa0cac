//! `version` is reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door", version = 2)]
pub mod door {
    pub trait Server {}
}

fn main() {}
