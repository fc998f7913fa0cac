//! A contract has state or calls.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {

}

fn main() {}
