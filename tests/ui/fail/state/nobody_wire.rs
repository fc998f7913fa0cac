//! `wire` is about the wire.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = nobody, wire = "set_it")]
        pub seed: (u32, u32),
    }
}

fn main() {}
