//! Who sends a message is written down.

use magicnet::prelude::*;

#[message(id = 64)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
