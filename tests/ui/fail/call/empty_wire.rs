//! The name of a call has 1 to 64 characters.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(wire = "")]
        fn knock(&mut self);
    }
}

fn main() {}
