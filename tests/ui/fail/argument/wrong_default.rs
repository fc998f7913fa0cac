//! A default has the type of its argument.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(default = "once")] times: u8);
    }
}

fn main() {}
