//! Who sees a property is written down.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        pub open: bool,
    }
}

fn main() {}
