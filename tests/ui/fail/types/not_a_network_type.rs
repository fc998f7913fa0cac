//! A type that is not a network type is one error, under its name.

use magicnet::prelude::*;

pub struct Key;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn unlock(&mut self, key: Key);
    }
}

fn main() {}
