//! `persist = db` is reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, persist = db)]
        pub open: bool,
    }
}

fn main() {}
