//! Values have network types.

use magicnet::prelude::*;

pub struct Place;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, by: Map<u8, Place, 4>);
    }
}

fn main() {}
