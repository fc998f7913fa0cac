//! Properties belong in `State`.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct Stat {
        #[network_field(to = viewers)]
        pub open: bool,
    }
}

fn main() {}
