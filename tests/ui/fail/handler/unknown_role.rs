//! `role` is one of its words.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler(role = sever)]
fn say(cx: &mut MessageCx<'_>, message: Say) {
    let _ = (cx, message);
}

fn main() {}
