//! What is not on the wire comes from no creator.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = nobody, init = creator)]
        pub seed: u32,
    }
}

fn main() {}
