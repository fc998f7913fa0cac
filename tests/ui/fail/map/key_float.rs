//! A float is no key.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, by: Map<f32, u8, 4>);
    }
}

fn main() {}
