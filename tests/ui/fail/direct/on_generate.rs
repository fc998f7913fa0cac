//! The framework alone says when an object begins.

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
    fn on_generate(&mut self, _cx: &mut DoorCx<'_>) {}
}

fn main() {}
