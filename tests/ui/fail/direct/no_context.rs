//! A call gets its context.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {
    #[network_field(from = anyone)]
    fn knock(&mut self, times: u8) {
        let _ = times;
    }
}

fn main() {}
