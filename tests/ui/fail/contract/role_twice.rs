//! A role has one trait.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {}
    pub trait Server {}
}

fn main() {}
