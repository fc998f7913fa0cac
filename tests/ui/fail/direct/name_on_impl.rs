//! The struct says its name.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door;

#[network_object(role = server)]
impl Door {}

fn main() {}
