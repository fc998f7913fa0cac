//! A tuple that is spread has values.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, spread)]
        pub at: (),
    }
}

fn main() {}
