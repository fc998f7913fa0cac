//! `#[arg]` knows its keys.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door {
    Ajar(#[arg(defaults = 3)] u8),
    Closed,
}

fn main() {}
