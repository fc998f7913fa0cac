//! In a contract `Self` is no type that could have the function.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = Self::may_knock)]
        fn knock(&mut self);
    }
}

fn main() {}
