//! A call is not generic.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock<const N: usize>(&mut self, rhythm: List<u8, N>);
    }
}

fn main() {}
