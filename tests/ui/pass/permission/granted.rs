//! Calls compile for those who may make them.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = anyone)]
        fn knock(&mut self);
        fn lock(&mut self);
        #[network_field(from = server)]
        fn close(&mut self);
        fn both(&mut self, a: u8);
    }
    pub trait Client {
        fn creak(&mut self);
        #[network_field(to = owner)]
        fn whisper(&mut self);
        fn both(&mut self, b: u16);
    }
}

#[derive(Default)]
struct Door;

#[network_object]
impl door::Server for Door {
    fn knock(&mut self, cx: &mut door::ServerCx<'_, Self>) {
        cx.clients().creak();
        cx.clients().both(1);
        cx.owner().creak();
        cx.owner().whisper();
        if let Some(sender) = cx.sender().map(|sender| sender.id()) {
            cx.client(sender).creak();
        }
    }
    fn lock(&mut self, _cx: &mut door::ServerCx<'_, Self>) {}
    fn close(&mut self, _cx: &mut door::ServerCx<'_, Self>) {}
    fn both(&mut self, _cx: &mut door::ServerCx<'_, Self>, _a: u8) {}
}

#[derive(Default)]
struct Watcher;

#[network_object]
impl door::Client for Watcher {
    fn creak(&mut self, cx: &mut door::ClientCx<'_, Self>) {
        cx.server().knock();
        if let Some(mine) = cx.owned() {
            mine.server().knock();
            mine.server().lock();
            mine.server().both(1);
        }
    }
    fn whisper(&mut self, _cx: &mut door::ClientCx<'_, Self>) {}
    fn both(&mut self, _cx: &mut door::ClientCx<'_, Self>, _b: u16) {}
}

/// An authority may make each call.
fn by_authority(door: door::ToServer<'_, magicnet::__private::permission::Authority>) {
    door.knock();
    door.lock();
    door.close();
}

fn main() {
    let _ = by_authority;
}
