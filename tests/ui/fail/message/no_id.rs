//! A message has a number.

use magicnet::prelude::*;

#[message(from = client)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
