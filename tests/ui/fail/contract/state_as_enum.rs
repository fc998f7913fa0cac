//! `State` is a struct.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {}
    pub enum State {
        Open,
        Closed,
    }
}

fn main() {}
