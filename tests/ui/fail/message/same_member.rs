//! Members have different names.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<4>,
    pub text: Str<8>,
}

fn main() {}
