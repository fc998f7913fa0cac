//! Calls have different names on the wire.

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
    fn knock(&mut self, _cx: &mut DoorCx<'_>) {}

    #[network_field(from = anyone, wire = "knock")]
    fn push(&mut self, _cx: &mut DoorCx<'_>) {}
}

fn main() {}
