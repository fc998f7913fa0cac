//! The names of an object's life are taken.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn on_generate(&mut self);
    }
}

fn main() {}
