//! The name of a role is bounded.

use magicnet::prelude::*;

#[message(id = 65, from = "0123456789012345678901234567890123456789012345678901234567890123456789")]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
