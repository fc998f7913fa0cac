//! `persist` says where.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Client {
        #[network_field(persist)]
        fn creak(&mut self);
    }
}

fn main() {}
