//! Each trait is a role.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {}
    pub trait Knocker {}
}

fn main() {}
