//! `init` is for state.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, init = creator)]
        fn knock(&mut self);
    }
}

fn main() {}
