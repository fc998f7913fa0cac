//! A rest is the last member.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say {
    #[arg(rest)]
    pub words: List<Str<16>, 4>,
    #[arg(default)]
    pub loud: bool,
}

fn main() {}
