//! A call is a method.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    #[network_field(from = anyone)]
    fn knock(_cx: &mut DoorCx<'_>, _times: u8) {}
}

fn main() {}
