//! `from` is one of its words.

use magicnet::prelude::*;

#[message(id = 65, from = sever)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
