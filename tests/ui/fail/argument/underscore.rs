//! An argument has a plain name.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, _: u8);
    }
}

fn main() {}
