//! What a field is at first has its type.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
struct Door {
    #[network_field(to = viewers, default = 3)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
