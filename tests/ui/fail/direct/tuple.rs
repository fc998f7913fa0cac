//! Properties have names.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door(#[network_field(to = viewers)] bool);

#[network_object]
impl Door {}

fn main() {}
