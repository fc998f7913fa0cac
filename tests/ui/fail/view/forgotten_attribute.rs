//! The attribute registers a view: an `impl` without it is none.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
}

#[derive(Default)]
pub struct Door;

impl door::Server for Door {}

fn main() {}
