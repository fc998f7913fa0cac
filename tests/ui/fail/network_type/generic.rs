//! Generic structs are reserved for a later version.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Pair<T> {
    pub left: T,
    pub right: T,
}

fn main() {}
