//! Peers do not know the view.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: Self);
    }
}

fn main() {}
