//! The numbers are in parentheses.

use magicnet::prelude::*;

#[network_object(name = "door", roles = 1)]
pub mod door {
    pub trait Server {}
}

fn main() {}
