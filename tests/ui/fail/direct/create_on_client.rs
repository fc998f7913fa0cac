//! The server decides who creates.

use magicnet::prelude::*;

#[network_object(name = "door", role = client, create = anyone)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
