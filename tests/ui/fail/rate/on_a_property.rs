//! The server alone changes the state.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, rate = "20/s")]
        pub open: bool,
    }
}

fn main() {}
