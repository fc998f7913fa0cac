//! Behind a member with a default each has one.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    #[arg(default)]
    pub loud: bool,
    pub text: Str<16>,
}

fn main() {}
