//! A handler that is for all roles does not say so.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler(role = anyone)]
fn say(cx: &mut MessageCx<'_>, message: Say) {
    let _ = (cx, message);
}

fn main() {}
