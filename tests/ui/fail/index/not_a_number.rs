//! `index` is a number.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, index = first)]
        fn knock(&mut self);
    }
}

fn main() {}
