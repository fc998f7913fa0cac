//! Behind a member with a default each has one.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door {
    Ajar {
        #[arg(default)]
        by: u8,
        at: u8,
    },
    Closed,
}

fn main() {}
