//! All peers have the same properties.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        #[cfg(unix)]
        pub open: bool,
    }
}

fn main() {}
