//! What follows the rate is its burst.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, rate = "20/s, brust 40")]
        fn knock(&mut self);
    }
}

fn main() {}
