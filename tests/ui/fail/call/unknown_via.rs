//! A call travels in one of three ways.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, via = unrelaible)]
        fn knock(&mut self);
    }
}

fn main() {}
