//! A rate is text.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, rate = 20)]
        fn knock(&mut self);
    }
}

fn main() {}
