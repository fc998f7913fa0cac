//! No two fields have one number.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, index = 1)]
        pub open: bool,
    }
    pub trait Client {
        #[network_field(index = 1)]
        fn creak(&mut self);
    }
}

fn main() {}
