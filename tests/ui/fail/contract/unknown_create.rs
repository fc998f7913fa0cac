//! `create` is one of its words.

use magicnet::prelude::*;

#[network_object(name = "door", create = anybody)]
pub mod door {
    pub trait Server {}
}

fn main() {}
