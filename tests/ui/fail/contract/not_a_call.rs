//! A role has calls alone.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        const DOORS: u8;
    }
}

fn main() {}
