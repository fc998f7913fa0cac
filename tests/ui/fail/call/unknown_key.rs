//! Unknown keys are refused, with the one that was probably meant.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(form = anyone)]
        fn knock(&mut self);
    }
}

fn main() {}
