//! Members have network types.

use magicnet::prelude::*;

pub struct Hinge;

#[derive(NetworkType)]
pub enum Door {
    With { hinge: Hinge },
    Closed,
}

fn main() {}
