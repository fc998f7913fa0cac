//! All peers have the same members.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    #[cfg(unix)]
    pub text: Str<16>,
}

fn main() {}
