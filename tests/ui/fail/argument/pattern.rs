//! An argument has a plain name.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, (times, hard): (u8, bool));
    }
}

fn main() {}
