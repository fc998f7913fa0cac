//! A bound is part of the type, inside of others too.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: Option<List<String, 4>>);
    }
}

fn main() {}
