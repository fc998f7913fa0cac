//! Arguments have different names.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, times: u8, times: u16);
    }
}

fn main() {}
