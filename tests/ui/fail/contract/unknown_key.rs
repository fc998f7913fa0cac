//! Unknown keys are refused, with the one that was probably meant.

use magicnet::prelude::*;

#[network_object(name = "door", crate = anyone)]
pub mod door {
    pub trait Server {}
}

fn main() {}
