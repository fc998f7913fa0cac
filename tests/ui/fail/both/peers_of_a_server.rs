//! Who has two views knows which way a call goes.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone)]
        fn knock(&mut self);
    }
}

#[derive(Default)]
pub struct Door;

#[network_object]
impl door::Server for Door {
    fn knock(&mut self, cx: &mut door::ServerCx<'_, Self>) {
        cx.peers().knock();
    }
}

fn main() {}
