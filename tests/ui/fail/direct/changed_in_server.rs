//! Who changes the state is not told of it.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    fn open_changed(&mut self, _cx: &mut DoorCx<'_>, _old: bool) {}
}

fn main() {}
