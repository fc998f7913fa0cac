//! A function that is not a handler is not registered.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

pub enum Shout {}

fn build() {
    let _ = magicnet::Node::server().handler::<Shout>();
}

fn main() {}
