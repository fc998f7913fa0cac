//! A call has no lifetimes of its own.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn call_in<'a>(&mut self, name: Text<'_, 16>);
    }
}

fn main() {}
