//! A view has one role.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
    pub trait Server {
        #[network_field(from = anyone)]
        fn knock(&mut self, times: u8);
        fn lock(&mut self);
        #[network_field(from = server)]
        fn close(&mut self);
    }
    pub trait Client {
        fn creak(&mut self);
        #[network_field(to = owner)]
        fn whisper(&mut self);
    }
}

#[derive(Default)]
pub struct Door;

#[network_object]
impl door::Server for Door {
    fn knock(&mut self, _cx: &mut door::ServerCx<'_, Self>, _times: u8) {}
    fn lock(&mut self, _cx: &mut door::ServerCx<'_, Self>) {}
    fn close(&mut self, _cx: &mut door::ServerCx<'_, Self>) {}
}

#[network_object]
impl door::Client for Door {
    fn creak(&mut self, _cx: &mut door::ClientCx<'_, Self>) {}
    fn whisper(&mut self, _cx: &mut door::ClientCx<'_, Self>) {}
}

fn main() {}
