//! A call is not unsafe.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        unsafe fn knock(&mut self);
    }
}

fn main() {}
