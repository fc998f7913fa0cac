//! `init` is `creator`.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, init = owner)]
        pub open: bool,
    }
}

fn main() {}
