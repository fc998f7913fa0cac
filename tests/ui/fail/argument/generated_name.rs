//! Names that begin with two underscores are those of generated code.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, __times: u8);
    }
}

fn main() {}
