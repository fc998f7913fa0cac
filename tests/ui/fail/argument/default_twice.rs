//! A key is given once.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(default = 1, default = 2)] times: u8);
    }
}

fn main() {}
