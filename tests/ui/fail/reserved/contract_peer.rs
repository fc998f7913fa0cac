//! `peer` is reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door", peer = DoorClient)]
pub mod door {
    pub trait Server {}
}

fn main() {}
