//! The name of a property has 1 to 64 characters.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, wire = "")]
        pub open: bool,
    }
}

fn main() {}
