//! Each trait is a role.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Sever {
        fn knock(&mut self, times: u8);
    }
}

fn main() {}
