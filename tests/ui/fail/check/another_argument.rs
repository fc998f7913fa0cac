//! A check takes what it checks.

use magicnet::prelude::*;

fn is_polite(times: &u16) -> bool {
    *times < 4
}

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(check = is_polite)] times: u8);
    }
}

fn main() {}
