//! `via` is reserved for a later version.

use magicnet::prelude::*;

#[message(id = 65, from = client, via = unreliable)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
