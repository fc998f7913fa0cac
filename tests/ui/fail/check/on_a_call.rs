//! A check belongs on an argument.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(check = is_polite)]
        fn knock(&mut self, times: u8);
    }
}

fn main() {}
