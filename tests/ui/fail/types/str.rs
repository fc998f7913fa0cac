//! An argument is an owned value, or a `Text`.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: &str);
    }
}

fn main() {}
