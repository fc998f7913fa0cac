//! A handler handles a message.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: u8) {
    let _ = (cx, message);
}

fn main() {}
