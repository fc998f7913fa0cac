//! Words are written without quotes.

use magicnet::prelude::*;

#[network_object(name = "door", create = "anyone")]
pub mod door {
    pub trait Server {}
}

fn main() {}
