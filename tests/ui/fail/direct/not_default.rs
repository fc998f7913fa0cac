//! The framework builds views.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
pub struct Door;

#[network_object]
impl Door {}

fn main() {}
