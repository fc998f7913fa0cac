//! A flag has no value.

use magicnet::prelude::*;

#[message(id = 65, from = client, before_handshake = true)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
