//! Properties have different names.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
        #[network_field(to = viewers)]
        pub open: u8,
    }
}

fn main() {}
