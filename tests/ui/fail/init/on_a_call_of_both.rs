//! A call of `Both` does not say it either.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Both {
        #[network_field(from = anyone, init = creator)]
        fn knock(&mut self);
    }
}

fn main() {}
