//! Peers call methods.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    #[network_field(from = anyone)]
    pub const KNOCKS: u8 = 3;
}

fn main() {}
