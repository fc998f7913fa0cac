//! In the direct form the state is in the view, for the view of all nodes too.

use magicnet::prelude::*;

#[network_object(name = "door", role = both)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    #[network_field(from = anyone, to = viewers)]
    fn knock(&mut self, cx: &mut DoorCx<'_>) {
        if let Some(mut server) = cx.authority() {
            server.state_mut().open = true;
        }
    }
}

fn main() {}
