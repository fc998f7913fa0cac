//! The function says yes or no.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = may_knock)]
        fn knock(&mut self);
    }
}

fn may_knock(_: &magicnet::Connection) -> u8 {
    1
}

fn main() {}
