//! A bound is part of the type.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Name<'a> {
    pub text: &'a str,
}

fn main() {}
