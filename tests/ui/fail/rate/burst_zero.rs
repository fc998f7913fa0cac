//! A burst lets something through.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, rate = "20/s, burst 0")]
        fn knock(&mut self);
    }
}

fn main() {}
