//! The state comes from the server.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        #[arg(check = is_polite)]
        pub knocks: u8,
    }
}

fn main() {}
