//! A view alone has no clients to call here.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door;

#[network_object]
impl Door {
    #[network_field(from = anyone)]
    fn knock(&mut self, cx: &mut DoorCx<'_>) {
        cx.clients().creak();
    }
}

fn main() {}
