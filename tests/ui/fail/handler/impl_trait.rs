//! A handler handles one type of message.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: impl Send) {
    let _ = (cx, message);
}

fn main() {}
