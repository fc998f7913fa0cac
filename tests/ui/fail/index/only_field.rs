//! The only field of a role has the number 0.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, index = 1)]
        fn knock(&mut self);
    }
}

fn main() {}
