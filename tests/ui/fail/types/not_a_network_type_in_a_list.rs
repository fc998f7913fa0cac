//! A list of what is not a network type is one error.

use magicnet::prelude::*;

pub struct Key;

#[network_object(name = "door")]
pub mod door {
    pub trait Client {
        fn keys(&mut self, keys: List<Key, 4>);
    }
}

fn main() {}
