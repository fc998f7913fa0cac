//! Whose view it is cannot be seen from a struct.

use magicnet::prelude::*;

#[network_object(name = "door")]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
