//! Keys of a view do not belong on a contract.

use magicnet::prelude::*;

#[network_object(name = "door", factory = Door::new)]
pub mod door {
    pub trait Server {}
}

fn main() {}
