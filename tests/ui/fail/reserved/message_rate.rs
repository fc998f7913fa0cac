//! `rate` is reserved for a later version.

use magicnet::prelude::*;

#[message(id = 65, from = client, rate = "5/s")]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
