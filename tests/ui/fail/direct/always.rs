//! Nothing sees a field of a struct touched.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers, always)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
