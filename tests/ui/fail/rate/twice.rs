//! A rate is said once.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, rate = "20/s", rate = "30/s")]
        fn knock(&mut self);
    }
}

fn main() {}
