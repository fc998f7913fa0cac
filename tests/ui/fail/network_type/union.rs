//! A union is no network type.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub union Door {
    pub open: u8,
}

fn main() {}
