//! The role is not to be seen from the `impl`.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    #[network_field]
    fn knock(&mut self, _cx: &mut DoorCx<'_>) {}
}

fn main() {}
