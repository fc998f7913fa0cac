//! The context is a `MessageCx`.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler]
fn say(cx: &mut String, message: Say) {
    let _ = (cx, message);
}

fn main() {}
