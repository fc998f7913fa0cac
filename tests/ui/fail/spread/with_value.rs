//! `spread` takes no value.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, spread = 3)]
        pub at: (f32, f32, f32),
    }
}

fn main() {}
