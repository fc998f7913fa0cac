//! A call has no ABI.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        extern "C" fn knock(&mut self);
    }
}

fn main() {}
