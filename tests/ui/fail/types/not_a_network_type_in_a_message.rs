//! The type of a message's member is one error.

use magicnet::prelude::*;

pub struct Key;

#[message(id = 64, from = client)]
pub struct Unlock {
    pub key: Key,
}

fn main() {}
