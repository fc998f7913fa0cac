//! A contract names the function elsewhere.

use magicnet::prelude::*;

#[network_object(name = "door", allow = may_create)]
pub mod door {
    pub trait Server {
        fn knock(&mut self);
    }
}

fn main() {}
