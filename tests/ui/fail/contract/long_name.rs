//! The name of a contract has 1 to 64 characters.

use magicnet::prelude::*;

#[network_object(name = "a-door-with-a-very-long-name-a-door-with-a-very-long-name-a-door-with-a-very-long-name-")]
pub mod door {
    pub trait Server {}
}

fn main() {}
