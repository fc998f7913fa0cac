//! `allow` names a function.

use magicnet::prelude::*;

#[message(id = 65, from = client, allow)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
