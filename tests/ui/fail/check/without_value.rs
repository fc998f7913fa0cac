//! A check is a function.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(check)] times: u8);
    }
}

fn main() {}
