//! Generic structs are reserved for a later version.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Name
where
    u8: Copy,
{
    pub text: Str<16>,
}

fn main() {}
