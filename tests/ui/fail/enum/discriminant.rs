//! Variants are numbered by their places.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door {
    Open,
    Closed = 7,
}

fn main() {}
