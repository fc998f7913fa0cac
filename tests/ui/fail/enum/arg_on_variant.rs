//! `#[arg]` belongs on a member.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door {
    #[arg(default)]
    Open,
    Closed,
}

fn main() {}
