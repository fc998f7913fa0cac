//! The peer is a view.

use magicnet::prelude::*;

#[network_object(name = "door", role = server, peer = Window)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    #[network_field(from = anyone)]
    fn knock(&mut self, cx: &mut DoorCx<'_>, times: u8) {
        let _ = (cx, times);
    }

    #[network_field(from = owner)]
    fn lock(&mut self, _cx: &mut DoorCx<'_>) {}
}

#[derive(Default)]
pub struct Window;

fn main() {}
