//! An id is a whole number from 64 up.

use magicnet::prelude::*;

#[message(id = -1, from = client)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
