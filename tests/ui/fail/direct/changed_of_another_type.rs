//! The old value has the type of the property.

use magicnet::prelude::*;

#[network_object(name = "door", role = client)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    fn open_changed(&mut self, _cx: &mut DoorCx<'_>, _old: u8) {}
}

fn main() {}
