//! A property has a value to start with.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Hinges {
    pub left: u8,
}

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub hinges: Hinges,
    }
}

fn main() {}
