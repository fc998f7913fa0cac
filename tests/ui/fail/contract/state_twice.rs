//! There is one `State`.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
    pub struct State {
        #[network_field(to = viewers)]
        pub locked: bool,
    }
}

fn main() {}
