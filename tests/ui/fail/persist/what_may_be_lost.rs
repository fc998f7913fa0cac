//! Whoever is there has what those who come later are given, so it must arrive.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Client {
        #[network_field(persist = ram, via = sequenced)]
        fn creak(&mut self);
    }
}

fn main() {}
