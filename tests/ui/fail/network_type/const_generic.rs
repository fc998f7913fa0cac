//! Generic structs are reserved for a later version.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Name<const N: usize> {
    pub text: Str<N>,
}

fn main() {}
