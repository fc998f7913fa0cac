//! The server is not held to a rate, in the direct form either.

use magicnet::prelude::*;

#[network_object(name = "door", role = client)]
#[derive(Default)]
pub struct Door;

#[network_object]
impl Door {
    #[network_field(to = viewers, rate = "20/s")]
    fn creak(&mut self, _cx: &mut DoorCx<'_>) {}
}

fn main() {}
