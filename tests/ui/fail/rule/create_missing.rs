//! The function is there.

use magicnet::prelude::*;

#[network_object(name = "door", create = may_create)]
pub mod door {
    pub trait Server {
        fn knock(&mut self);
    }
}

fn main() {}
