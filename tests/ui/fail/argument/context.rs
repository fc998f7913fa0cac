//! The macro adds the context.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, cx: &mut ServerCx<'_, Self>, times: u8);
    }
}

fn main() {}
