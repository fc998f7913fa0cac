//! `#[network_object]` belongs on a contract module or a view.

use magicnet::prelude::*;

#[network_object]
fn door() {}

fn main() {}
