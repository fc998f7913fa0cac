//! A client receives, and is not called.

use magicnet::prelude::*;

#[network_object(name = "door", role = client)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    #[network_field(from = owner)]
    fn knock(&mut self, _cx: &mut DoorCx<'_>) {}
}

fn main() {}
