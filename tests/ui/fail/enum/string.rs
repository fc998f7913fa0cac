//! A member has a bound.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door {
    Named(String),
    Closed,
}

fn main() {}
