//! A rate is per second, minute or hour.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, rate = "20/m")]
        fn knock(&mut self);
    }
}

fn main() {}
