//! Peers have different roles.

use magicnet::prelude::*;

#[network_object(name = "door", role = server, peer = Gate)]
#[derive(Default)]
pub struct Door;

#[network_object]
impl Door {}

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Gate;

#[network_object]
impl Gate {}

fn main() {}
