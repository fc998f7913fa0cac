//! A key is given once.

use magicnet::prelude::*;

#[message(id = 65, from = client, id = 66)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
