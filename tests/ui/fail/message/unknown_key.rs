//! Unknown keys are refused, with the one that was probably meant.

use magicnet::prelude::*;

#[message(id = 65, form = client)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
