//! Messages and structs may have private members, and public handlers private messages.

#![allow(private_interfaces)]

use magicnet::prelude::*;

#[derive(NetworkType)]
struct Secret(u8);

#[derive(NetworkType)]
pub struct Envelope {
    #[allow(dead_code)]
    content: Secret,
}

#[message(id = 64, from = client)]
pub struct Send {
    #[arg(default = Secret(4))]
    secret: Secret,
}

#[message(id = 65, from = client)]
struct Whisper(Secret);

#[message_handler]
pub fn whisper(cx: &mut MessageCx<'_>, message: Whisper) {
    cx.reply(Send { secret: message.0 });
}

fn main() {}
