//! State and roles are equally visible.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {}
    pub(crate) trait Client {}
}

fn main() {}
