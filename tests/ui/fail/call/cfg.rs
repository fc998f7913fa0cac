//! All peers have the same calls.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[cfg(unix)]
        fn knock(&mut self);
    }
}

fn main() {}
