//! `from` is a word or a path.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = 3)]
        fn knock(&mut self);
    }
}

fn main() {}
