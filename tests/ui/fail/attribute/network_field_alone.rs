//! `#[network_field]` belongs in a contract module.

use magicnet::prelude::*;

#[network_field(from = anyone)]
fn knock(_times: u8) {}

fn main() {}
