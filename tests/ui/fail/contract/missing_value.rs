//! A key with `=` has a value.

use magicnet::prelude::*;

#[network_object(name = "door", create =)]
pub mod door {
    pub trait Server {}
}

fn main() {}
