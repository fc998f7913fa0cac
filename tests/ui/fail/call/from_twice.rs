//! A key is given once.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, from = owner)]
        fn knock(&mut self);
    }
}

fn main() {}
