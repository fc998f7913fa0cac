//! A property is changed by the server alone.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(from = owner)]
        pub open: bool,
    }
}

fn main() {}
