//! A rest has no default.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(rest, default)] times: List<u8, 4>);
    }
}

fn main() {}
