//! A check says yes or no.

use magicnet::prelude::*;

fn is_polite(times: &u8) -> u8 {
    *times
}

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(check = is_polite)] times: u8);
    }
}

fn main() {}
