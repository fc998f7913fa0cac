//! Who sees a field is written down.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
