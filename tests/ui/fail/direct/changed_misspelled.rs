//! A property has the name that it has.

use magicnet::prelude::*;

#[network_object(name = "door", role = client)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    fn opne_changed(&mut self, _cx: &mut DoorCx<'_>, _old: bool) {}
}

fn main() {}
