//! Enums are reserved for a later version.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door {
    Open,
    Closed,
}

fn main() {}
