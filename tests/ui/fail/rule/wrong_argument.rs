//! The function looks at the sender.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = may_knock)]
        fn knock(&mut self);
    }
}

fn may_knock(_: u8) -> bool {
    true
}

fn main() {}
