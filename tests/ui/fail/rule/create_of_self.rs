//! A contract is no type that could have the function.

use magicnet::prelude::*;

#[network_object(name = "door", create = Self::may_build)]
pub mod door {
    pub trait Server {
        fn knock(&mut self);
    }
}

fn main() {}
