//! The table is in two items.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers, index = 1)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
