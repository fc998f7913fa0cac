//! A key is given once, also in two attributes.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        #[network_field(to = viewers)]
        pub open: bool,
    }
}

fn main() {}
