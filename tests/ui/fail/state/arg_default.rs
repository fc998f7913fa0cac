//! The default of a property is its own key.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        #[arg(default = true)]
        pub open: bool,
    }
}

fn main() {}
