//! A rest is the last argument.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(rest)] times: List<u8, 4>, #[arg(default)] hard: bool);
    }
}

fn main() {}
