//! A message has no name on the wire.

use magicnet::prelude::*;

#[message(id = 65, from = client, name = "say")]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
