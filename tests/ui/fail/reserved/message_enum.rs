//! Enums are reserved for a later version.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub enum Say {
    Hello,
}

fn main() {}
