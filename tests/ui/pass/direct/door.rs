//! Both structs of a contract in the direct form.

use magicnet::prelude::*;

#[network_object(name = "door", role = server, peer = DoorClient)]
#[derive(Default)]
struct Door {
    #[network_field(to = viewers)]
    open: bool,
    knocks: u64,
}

#[network_object]
impl Door {
    #[network_field(from = anyone)]
    fn knock(&mut self, cx: &mut DoorCx<'_>, times: u8) {
        self.knocks += u64::from(times);
        self.open = true;
        cx.clients().creak();
    }
}

#[network_object(name = "door", role = client, peer = Door)]
#[derive(Default)]
struct DoorClient {
    creaks: u32,
}

#[network_object]
impl DoorClient {
    #[network_field(to = viewers)]
    fn creak(&mut self, cx: &mut DoorClientCx<'_>) {
        self.creaks += 1;
        let _open = cx.state().open;
    }

    fn open_changed(&mut self, cx: &mut DoorClientCx<'_>, old: bool) {
        assert_ne!(old, cx.state().open);
    }

    fn on_generate(&mut self, cx: &mut DoorClientCx<'_>) {
        cx.server().knock(1);
    }
}

fn main() {}
