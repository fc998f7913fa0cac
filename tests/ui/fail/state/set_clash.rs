//! A call of `Client` leaves the wire names to the properties.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
    pub trait Client {
        fn set_open(&mut self, open: bool);
    }
}

fn main() {}
