//! The direct form is reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
struct Door {
    #[network_field(to = viewers)]
    open: bool,
    knocks: u64,
}

fn main() {}
