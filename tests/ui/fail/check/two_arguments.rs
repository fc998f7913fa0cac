//! A check takes one argument.

use magicnet::prelude::*;

fn is_polite(times: &u8, hard: bool) -> bool {
    *times < 4 && !hard
}

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(check = is_polite)] times: u8);
    }
}

fn main() {}
