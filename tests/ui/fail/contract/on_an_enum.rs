//! `#[network_object]` belongs on a contract module or a view.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub enum Door {}

fn main() {}
