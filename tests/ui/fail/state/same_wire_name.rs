//! Fields of a role have different names on the wire.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
        #[network_field(to = viewers, wire = "set_open")]
        pub locked: bool,
    }
}

fn main() {}
