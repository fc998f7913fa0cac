//! `State` is kept, so it cannot borrow.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State<'a> {
        #[network_field(to = viewers)]
        pub name: Text<'a, 16>,
    }
}

fn main() {}
