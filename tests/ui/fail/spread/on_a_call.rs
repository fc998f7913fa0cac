//! `spread` is for state.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone, spread)]
        fn knock(&mut self, at: (f32, f32));
    }
}

fn main() {}
