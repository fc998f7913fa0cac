//! `to = nobody` is reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = nobody)]
        pub open: bool,
    }
}

fn main() {}
