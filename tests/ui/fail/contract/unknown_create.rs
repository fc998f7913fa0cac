//! `create` is one of its words.

use magicnet::prelude::*;

#[network_object(name = "door", create = owner)]
pub mod door {
    pub trait Server {}
}

fn main() {}
