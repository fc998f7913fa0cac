//! A property is one value.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        #[arg(rest)]
        pub knocks: List<u8, 4>,
    }
}

fn main() {}
