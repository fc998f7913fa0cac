//! The server decides what is kept.

use magicnet::prelude::*;

#[network_object(name = "door", role = client, on_owner_left = keep)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
