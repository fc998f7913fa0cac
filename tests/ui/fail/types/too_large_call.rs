//! What could exceed a frame does not compile, and names the argument to shrink.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn read_out(&mut self, page: u16, text: Str<20000>);
    }
}

fn main() {}
