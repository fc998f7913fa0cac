//! A property is kept as long as its object is.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, persist = none)]
        pub open: bool,
    }
}

fn main() {}
