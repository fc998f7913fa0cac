//! The type of a struct's member is one error.

use magicnet::prelude::*;

pub struct Key;

#[derive(NetworkType)]
pub struct Lock {
    pub key: Key,
}

fn main() {}
