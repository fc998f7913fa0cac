//! Whoever sees a property ends up with its last value: nothing of it may be lost.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, via = unreliable)]
        pub open: bool,
    }
}

fn main() {}
