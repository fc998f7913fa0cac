//! The server is not held to a rate.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Client {
        #[network_field(to = viewers, rate = "20/s")]
        fn knock(&mut self);
    }
}

fn main() {}
