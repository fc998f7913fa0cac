//! A call of `Server` says who makes it.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(to = owner)]
        fn knock(&mut self);
    }
}

fn main() {}
