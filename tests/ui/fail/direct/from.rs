//! The server alone changes the state.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field(from = owner)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
