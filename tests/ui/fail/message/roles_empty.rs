//! A list of senders names at least one.

use magicnet::prelude::*;

#[message(id = 65, from = [])]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
