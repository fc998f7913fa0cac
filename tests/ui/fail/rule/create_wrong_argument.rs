//! The function looks at the sender.

use magicnet::prelude::*;

#[network_object(name = "door", create = may_create)]
pub mod door {
    pub trait Server {
        fn knock(&mut self);
    }
}

fn may_create(_: &magicnet::Connection, _: u8) -> bool {
    true
}

fn main() {}
