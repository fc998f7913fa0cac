//! Unknown keys are refused, with the one that was probably meant.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler(rol = server)]
fn say(cx: &mut MessageCx<'_>, message: Say) {
    let _ = (cx, message);
}

fn main() {}
