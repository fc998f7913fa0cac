//! What is sent has a network type.

use magicnet::prelude::*;

#[derive(Default)]
pub struct Since;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    since: Since,
}

#[network_object]
impl Door {}

fn main() {}
