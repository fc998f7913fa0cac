//! The direct form is reserved for a later version.

use magicnet::prelude::*;

struct Door;

#[network_object]
impl Door {
    #[network_field(from = anyone)]
    fn knock(&mut self, times: u8) {
        let _ = times;
    }
}

fn main() {}
