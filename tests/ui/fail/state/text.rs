//! A property is kept, so it cannot borrow.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub name: Text<'static, 16>,
    }
}

fn main() {}
