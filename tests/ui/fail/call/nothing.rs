//! A call takes `&mut self`.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock();
    }
}

fn main() {}
