//! A call of `Client` says who receives it.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Client {
        #[network_field(from = owner)]
        fn creak(&mut self);
    }
}

fn main() {}
