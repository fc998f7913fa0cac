//! The context is made by the macro on the struct.

use magicnet::prelude::*;

#[derive(Default)]
pub struct Door;

#[network_object]
impl Door {
    #[network_field(from = anyone)]
    fn knock(&mut self, cx: &mut DoorCx<'_>) {
        let _ = cx;
    }
}

fn main() {}
