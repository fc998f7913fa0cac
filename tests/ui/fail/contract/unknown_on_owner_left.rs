//! `on_owner_left` is one of its words.

use magicnet::prelude::*;

#[network_object(name = "door", on_owner_left = delete)]
pub mod door {
    pub trait Server {}
}

fn main() {}
