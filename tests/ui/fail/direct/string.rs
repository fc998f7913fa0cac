//! What is sent has a bound.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    title: String,
}

#[network_object]
impl Door {}

fn main() {}
