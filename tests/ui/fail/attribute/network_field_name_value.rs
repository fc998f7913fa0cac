//! `#[network_field]` is a list of keys.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field = "anyone"]
        fn knock(&mut self);
    }
}

fn main() {}
