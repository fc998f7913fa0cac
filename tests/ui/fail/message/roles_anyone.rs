//! `anyone` is no role among others.

use magicnet::prelude::*;

#[message(id = 65, from = [admin, anyone])]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
