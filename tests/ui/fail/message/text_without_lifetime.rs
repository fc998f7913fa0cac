//! A message that borrows has a lifetime.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Text<256>,
}

fn main() {}
