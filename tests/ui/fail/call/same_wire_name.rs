//! Fields of a role have different names on the wire.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self);
        #[network_field(wire = "knock")]
        fn rap(&mut self);
    }
}

fn main() {}
