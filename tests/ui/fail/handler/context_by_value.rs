//! The context is borrowed.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler]
fn say(cx: MessageCx<'_>, message: Say) {
    let _ = (cx, message);
}

fn main() {}
