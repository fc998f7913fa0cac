//! An id has 64 bits at most.

use magicnet::prelude::*;

#[message(id = 18446744073709551616, from = client)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
