//! Calls of a role have different names.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self);
        fn knock(&mut self, times: u8);
    }
}

fn main() {}
