//! An enum with members is no key.

use magicnet::prelude::*;

#[derive(NetworkType, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Here,
    There(u8),
}

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, by: Map<Place, u8, 4>);
    }
}

fn main() {}
