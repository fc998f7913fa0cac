//! `to` is one of its words.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Client {
        #[network_field(to = everyone)]
        fn creak(&mut self);
    }
}

fn main() {}
