//! A view is built by what its `impl` says.

use magicnet::prelude::*;

#[network_object(name = "door", role = server, factory = Door::new)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
