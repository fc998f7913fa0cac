//! A struct that borrows has a lifetime.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Name {
    pub text: Text<16>,
}

fn main() {}
