//! Peers know it by a name.

use magicnet::prelude::*;

#[network_object(role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
