//! Initial values come from one place.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    #[derive(Default)]
    pub struct State {
        #[network_field(to = viewers, default = true)]
        pub open: bool,
    }
}

fn main() {}
