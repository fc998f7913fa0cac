//! A contract with one view for all nodes has one role.

use magicnet::prelude::*;

#[network_object(name = "door", roles(client = 1))]
pub mod door {
    pub trait Both { fn knock(&mut self); }
}

fn main() {}
