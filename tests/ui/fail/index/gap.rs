//! Numbers leave no gap.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
    pub trait Client {
        #[network_field(index = 7)]
        fn creak(&mut self);
        fn slam(&mut self);
    }
}

fn main() {}
