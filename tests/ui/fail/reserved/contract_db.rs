//! `db` is reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door", db = "doors")]
pub mod door {
    pub trait Server {}
}

fn main() {}
