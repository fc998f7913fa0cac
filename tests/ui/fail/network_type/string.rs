//! A bound is part of the type.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Name {
    pub text: String,
}

fn main() {}
