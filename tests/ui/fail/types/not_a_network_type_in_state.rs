//! The type of a property is one error.

use magicnet::prelude::*;

#[derive(Default)]
pub struct Key;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub key: Key,
    }
}

fn main() {}
