//! A key can be compared.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Place {
    Here,
    There,
}

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, by: Map<Place, u8, 4>);
    }
}

fn main() {}
