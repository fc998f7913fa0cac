//! A struct is no key.

use magicnet::prelude::*;

#[derive(NetworkType, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u8, u8);

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, by: Map<Place, u8, 4>);
    }
}

fn main() {}
