//! A rate is that of one call.

use magicnet::prelude::*;

#[network_object(name = "door", rate = "20/s")]
pub mod door {
    pub trait Server {
        fn knock(&mut self);
    }
}

fn main() {}
