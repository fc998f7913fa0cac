//! A message travels in one of three ways.

use magicnet::prelude::*;

#[message(id = 65, from = client, via = udp)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
