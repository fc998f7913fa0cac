//! A call may change its view.

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
    fn knock(&self, _cx: &mut DoorCx<'_>) {}
}

fn main() {}
