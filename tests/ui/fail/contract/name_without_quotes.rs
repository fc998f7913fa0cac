//! The name of a contract is text.

use magicnet::prelude::*;

#[network_object(name = door)]
pub mod door {
    pub trait Server {}
}

fn main() {}
