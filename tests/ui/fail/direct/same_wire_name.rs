//! Fields have different names on the wire.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
    #[network_field(to = viewers, wire = "set_open")]
    shut: bool,
}

#[network_object]
impl Door {}

fn main() {}
