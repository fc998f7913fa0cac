//! `via` says which way.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Client {
        #[network_field(via)]
        fn creak(&mut self);
    }
}

fn main() {}
