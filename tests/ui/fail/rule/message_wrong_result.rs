//! The function says yes or no.

use magicnet::prelude::*;

#[message(id = 65, from = client, allow = may_say)]
pub struct Say {
    pub text: Str<16>,
}

fn may_say(_: &magicnet::Connection) -> Option<u8> {
    None
}

fn main() {}
