//! One trait has all calls.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Both {
        fn knock(&mut self, times: u8);
    }
    pub trait Both {
        fn lock(&mut self);
    }
}

fn main() {}
