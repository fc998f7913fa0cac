//! Quotes are for roles that look like a slip of a known word.

use magicnet::prelude::*;

#[message(id = 65, from = "client")]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
