//! An id is a number.

use magicnet::prelude::*;

#[message(id = "65", from = client)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
