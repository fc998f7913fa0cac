//! All peers have the same arguments.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[cfg(unix)] times: u8);
    }
}

fn main() {}
