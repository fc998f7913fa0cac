//! A bound is part of the type.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: String,
}

fn main() {}
