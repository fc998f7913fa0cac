//! A call is not generic.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock<T>(&mut self, times: T);
    }
}

fn main() {}
