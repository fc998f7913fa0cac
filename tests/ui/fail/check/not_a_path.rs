//! A check is a function with a name.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(check = |times: &u8| *times < 4)] times: u8);
    }
}

fn main() {}
