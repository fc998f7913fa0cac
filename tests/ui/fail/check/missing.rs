//! A check is there.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(check = is_polite)] times: u8);
    }
}

fn main() {}
