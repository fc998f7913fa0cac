//! A handler takes nothing more.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: Say, loud: bool) {
    let _ = (cx, message, loud);
}

fn main() {}
