//! A flag has no value.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(rest = true)] times: List<u8, 4>);
    }
}

fn main() {}
