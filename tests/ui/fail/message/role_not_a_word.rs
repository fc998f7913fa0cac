//! A role is a word.

use magicnet::prelude::*;

#[message(id = 65, from = 7)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
