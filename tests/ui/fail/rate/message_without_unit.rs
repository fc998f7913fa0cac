//! The rate of a message has a unit too.

use magicnet::prelude::*;

#[message(id = 65, from = client, rate = "5")]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
