//! The state is in the view.

use magicnet::prelude::*;

#[network_object(name = "door", role = server, peer = DoorClient)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    #[network_field(from = anyone)]
    fn knock(&mut self, cx: &mut DoorCx<'_>, times: u8) {
        cx.state_mut().open = times == 3;
    }

    #[network_field(from = owner)]
    fn lock(&mut self, _cx: &mut DoorCx<'_>) {}
}

#[network_object(name = "door", role = client, peer = Door)]
#[derive(Default)]
pub struct DoorClient;

#[network_object]
impl DoorClient {
    #[network_field(to = viewers)]
    fn creak(&mut self, cx: &mut DoorClientCx<'_>) {
        let _ = cx;
    }
}

fn main() {}
