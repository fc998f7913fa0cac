//! `max_rate` is reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, max_rate = "20/s")]
        pub open: bool,
    }
}

fn main() {}
