//! A role stands once in a list of senders.

use magicnet::prelude::*;

#[message(id = 65, from = [admin, player, admin])]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
