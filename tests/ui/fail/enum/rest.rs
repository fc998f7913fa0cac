//! A variant has a fixed number of members.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door {
    Knocks(#[arg(rest)] List<u8, 4>),
    Closed,
}

fn main() {}
