//! A trait `Both` is reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Both {
        fn knock(&mut self, times: u8);
    }
}

fn main() {}
