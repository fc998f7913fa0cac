//! The name of a property has 1 to 64 characters.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub whether_it_is_open_whether_it_is_open_whether_it_is_open_whether_it_is_open_now: bool,
    }
}

fn main() {}
