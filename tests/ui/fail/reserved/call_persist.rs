//! `persist = db` is reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, persist = db)]
        fn knock(&mut self);
    }
}

fn main() {}
