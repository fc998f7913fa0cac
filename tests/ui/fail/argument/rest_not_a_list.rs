//! A rest is a `List`.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(rest)] times: u8);
    }
}

fn main() {}
