//! A key is given once; the second is the one to take away.

use magicnet::prelude::*;

#[network_object(name = "door", create = server, name = "gate")]
pub mod door {
    pub trait Server {}
}

fn main() {}
