//! What could exceed a frame does not compile, and names the member to shrink.

use magicnet::prelude::*;

#[message(id = 64, from = client)]
pub struct ReadOut {
    pub page: u16,
    pub text: Str<20000>,
}

fn main() {}
