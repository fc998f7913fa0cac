//! `always` is for properties.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(always)]
        fn knock(&mut self);
    }
}

fn main() {}
