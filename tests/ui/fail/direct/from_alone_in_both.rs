//! In the view of every node a call goes both ways.

use magicnet::prelude::*;

#[network_object(name = "door", role = both)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    #[network_field(from = anyone)]
    fn knock(&mut self, _cx: &mut DoorCx<'_>) {}
}

fn main() {}
