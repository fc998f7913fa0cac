//! Views outside of the module see the state.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
}

fn main() {}
