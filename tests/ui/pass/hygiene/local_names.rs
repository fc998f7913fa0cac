//! Arguments and properties may be called like the locals of generated code.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub property: u8,
        #[network_field(to = viewers)]
        pub w: u8,
        #[network_field(to = viewers)]
        pub arguments: u8,
        #[network_field(to = viewers)]
        pub old: u8,
        #[network_field(to = viewers)]
        pub initial: u8,
    }
    pub trait Server {
        #[network_field(from = anyone)]
        fn call(&mut self, view: u8, field: u8, arguments: u8, stub: u8, w: u8, this: u8, old: u8);
        fn stub(&mut self, permission: u8);
        fn property(&mut self, property: u8);
        fn encode(&mut self);
        fn clone(&mut self);
        fn fmt(&mut self);
        fn diagnostic(&mut self);
        fn doc(&mut self);
        fn automatically_derived(&mut self);
        fn core(&mut self);
        fn magicnet(&mut self);
    }
    pub trait Client {
        fn stub(&mut self, writer: u8, reader: u8);
        fn to_server(&mut self);
    }
}

#[derive(NetworkType)]
pub struct Hinge {
    pub w: u8,
    pub reader: u8,
    pub arguments: u8,
}

#[message(id = 64, from = anyone)]
pub struct Say {
    pub cx: u8,
    pub message: u8,
    pub arguments: u8,
    pub w: u8,
}

#[message_handler]
fn message(message: &mut MessageCx<'_>, cx: Say) {
    message.reply(cx);
}

#[derive(Default)]
pub struct Door;

#[network_object]
impl door::Client for Door {
    fn stub(&mut self, cx: &mut door::ClientCx<'_, Self>, writer: u8, reader: u8) {
        cx.server().call(writer, reader, 0, 0, 0, 0, 0);
    }
    fn to_server(&mut self, _cx: &mut door::ClientCx<'_, Self>) {}
}

fn main() {}
