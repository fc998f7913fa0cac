//! A condition on an item holds for all that is made of it.

#![deny(warnings)]

use magicnet::prelude::*;

#[network_object(name = "door")]
#[cfg(any())]
pub mod door {
    pub trait Server {
        fn knock(&mut self, missing: Missing);
    }
}

#[network_object]
#[cfg(any())]
impl door::Server for Missing {}

#[message(id = 64, from = client)]
#[cfg(any())]
pub struct Say {
    pub text: Missing,
}

#[message_handler]
#[cfg(any())]
fn say(cx: &mut MessageCx<'_>, message: Say) {}

#[derive(NetworkType)]
pub struct Hinge {
    #[cfg(any())]
    pub height: Missing,
    #[cfg(all())]
    pub width: u8,
}

#[allow(unused_imports)]
use MessageCx as _;

fn main() {}
