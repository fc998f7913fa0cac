//! Ids below 64 belong to the protocol.

use magicnet::prelude::*;

#[message(id = 63, from = client)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
