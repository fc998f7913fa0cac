//! What could exceed a frame does not compile, and names the property.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub text: Str<20000>,
    }
}

fn main() {}
