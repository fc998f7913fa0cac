//! Members of a variant have different names.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door {
    Open { by: u8, by: u8 },
}

fn main() {}
