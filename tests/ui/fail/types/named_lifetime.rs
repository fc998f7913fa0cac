//! An argument borrows from the message that it came in.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, value: Text<'static, 16>);
    }
}

fn main() {}
