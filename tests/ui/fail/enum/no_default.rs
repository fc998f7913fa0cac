//! A property needs a first value.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Stance {
    Standing,
    Sitting,
}

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub stance: Stance,
    }
}

fn main() {}
