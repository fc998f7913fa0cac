//! The context comes first.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler]
fn say(message: Say, cx: &mut MessageCx<'_>) {
    let _ = (cx, message);
}

fn main() {}
