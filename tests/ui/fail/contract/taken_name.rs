//! Items of the module keep out of the way of generated ones.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {}
    pub struct Contract;
}

fn main() {}
