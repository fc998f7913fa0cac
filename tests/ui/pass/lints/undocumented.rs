//! What has no docs gets some, since users deny `missing_docs`.

#![deny(missing_docs)]

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
    pub trait Server {
        fn knock(&mut self, times: u8);
    }
    pub trait Client {
        fn creak(&mut self);
    }
}

#[network_object(name = "nothing")]
pub mod nothing {
    pub trait Client {}
}

fn main() {}
