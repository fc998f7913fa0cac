//! The view of every node has no other beside it.

use magicnet::prelude::*;

#[network_object(name = "door", role = both, peer = DoorClient)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
