//! `from` is one of its words.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = viewers)]
        fn knock(&mut self);
    }
}

fn main() {}
