//! A handler returns nothing or a result.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: Say) -> Result<(), String> {
    let _ = (cx, message);
    Ok(())
}

fn main() {}
