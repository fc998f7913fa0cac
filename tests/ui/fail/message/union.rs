//! A message is a struct.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub union Say {
    pub id: u8,
}

fn main() {}
