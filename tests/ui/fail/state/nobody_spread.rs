//! `spread` is about the wire.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = nobody, spread)]
        pub seed: (u32, u32),
    }
}

fn main() {}
