//! A role is not generic.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server<T> {}
}

fn main() {}
