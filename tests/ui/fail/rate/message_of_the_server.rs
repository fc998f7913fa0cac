//! The server is not held to a rate.

use magicnet::prelude::*;

#[message(id = 65, from = server, rate = "5/s")]
pub struct Said {
    pub text: Str<16>,
}

fn main() {}
