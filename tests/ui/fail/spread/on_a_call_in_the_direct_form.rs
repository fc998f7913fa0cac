//! A call does not say it in the direct form either.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    #[network_field(from = anyone, spread)]
    fn knock(&mut self, _cx: &mut DoorCx<'_>) {}
}

fn main() {}
