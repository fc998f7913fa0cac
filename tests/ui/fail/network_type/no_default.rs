//! A default has a value.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Door {
    #[arg(default)]
    pub key: Key,
}

#[derive(NetworkType)]
pub struct Key(u8);

fn main() {}
