//! The peer is a type.

use magicnet::prelude::*;

#[network_object(name = "door", role = server, peer = "DoorClient")]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
