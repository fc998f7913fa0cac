//! A default has the type of its property.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, default = "yes")]
        pub open: bool,
    }
}

fn main() {}
