//! A struct has a fixed number of members.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Tags {
    #[arg(rest)]
    pub all: List<Str<16>, 4>,
}

fn main() {}
