//! Properties have names.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State(pub bool);
}

fn main() {}
