//! A rate is the message's.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler(rate = "5/s")]
fn say(_cx: &mut MessageCx<'_>, _message: Say) {}

fn main() {}
