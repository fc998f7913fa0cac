//! `to` is one of its words.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewer)]
        pub open: bool,
    }
}

fn main() {}
