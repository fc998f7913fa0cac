//! A call of `Client` leaves the names to the properties that change.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
    pub trait Client {
        fn open_changed(&mut self);
    }
}

fn main() {}
