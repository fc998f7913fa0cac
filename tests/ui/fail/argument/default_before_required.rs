//! Behind an argument with a default each has one.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(default = 1)] times: u8, hard: bool);
    }
}

fn main() {}
