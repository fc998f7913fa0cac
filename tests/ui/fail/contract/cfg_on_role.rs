//! All peers have the same roles.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    #[cfg(unix)]
    pub trait Server {}
}

fn main() {}
