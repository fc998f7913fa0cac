//! Unknown keys are refused, with the one that was probably meant.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(defualt = 1)] times: u8);
    }
}

fn main() {}
