//! The messages of the chat, which its server and its clients share. They are those of Python MagicNet's `b_common.py`,
//! so its clients and servers may take part.

use magicnet::prelude::*;

/// A client says who it is.
#[message(id = 64, from = client)]
pub struct SetName {
    pub name: Str<16>,
}

/// A client says something.
#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<256>,
}

/// What a client has said, turned around, for that client.
#[message(id = 66, from = server)]
pub struct Reversed {
    pub text: Str<256>,
}

/// What a client has said, for all the others.
#[message(id = 67, from = server)]
pub struct Heard {
    pub name: Str<16>,
    pub text: Str<256>,
}
