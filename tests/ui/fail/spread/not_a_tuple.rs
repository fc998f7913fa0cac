//! `spread` is for a tuple.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, spread)]
        pub at: List<f32, 3>,
    }
}

fn main() {}
