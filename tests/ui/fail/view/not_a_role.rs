//! A view implements a role of a contract.

use magicnet::prelude::*;

#[derive(Default)]
pub struct Door;

#[network_object]
impl std::fmt::Display for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("door")
    }
}

fn main() {}
