//! `async` handlers are reserved for a later version.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler]
async fn say(cx: &mut MessageCx<'_>, message: Say) {
    let _ = (cx, message);
}

fn main() {}
