//! There are three kinds of views.

use magicnet::prelude::*;

#[network_object(name = "door", role = servr)]
#[derive(Default)]
pub struct Door {
    #[network_field(to = viewers)]
    open: bool,
}

#[network_object]
impl Door {}

fn main() {}
