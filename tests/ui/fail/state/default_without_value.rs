//! `default` of a property has a value.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, default)]
        pub open: bool,
    }
}

fn main() {}
