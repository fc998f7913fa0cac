//! A flag has no value.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, always = true)]
        pub open: bool,
    }
}

fn main() {}
