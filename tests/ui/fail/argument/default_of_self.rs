//! In a contract `Self` is no type that could have the default.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(default = u8::from(Self::ONCE))] times: u8);
    }
}

fn main() {}
