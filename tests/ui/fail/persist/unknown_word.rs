//! `persist` is one of its words.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Client {
        #[network_field(persist = disk)]
        fn creak(&mut self);
    }
}

fn main() {}
