//! Variants have different names.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door {
    Open,
    Open,
}

fn main() {}
