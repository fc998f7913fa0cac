//! An enum that does not borrow has no `Text`.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door {
    Named(Text<'a, 4>),
    Closed,
}

fn main() {}
