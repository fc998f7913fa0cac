//! A handler is a function by itself.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

pub struct Room;

impl Room {
    #[message_handler]
    fn say(&mut self, cx: &mut MessageCx<'_>, message: Say) {
        let _ = (cx, message);
    }
}

fn main() {}
