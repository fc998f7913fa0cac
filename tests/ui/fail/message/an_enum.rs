//! A message is a struct, which may have enums in it.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub enum Say {
    Hello,
}

fn main() {}
