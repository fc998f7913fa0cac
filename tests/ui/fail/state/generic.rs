//! `State` is not generic.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State<T> {
        #[network_field(to = viewers)]
        pub open: T,
    }
}

fn main() {}
