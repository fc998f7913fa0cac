//! What the server under attack knows: four kinds of objects (their numbers are 0 to 3, in this order) and messages.

#![allow(
    unreachable_pub,
    clippy::needless_pass_by_ref_mut,
    reason = "written as users write contracts and handlers"
)]

use magicnet::prelude::*;

/// Only the server makes them; they are nearly as large as a frame.
#[network_object(name = "blob")]
pub mod blob {
    pub struct State {
        #[network_field(to = viewers)]
        pub content: Bytes<61_440>,
    }
    pub trait Server {
        #[network_field(from = owner)]
        fn fill(&mut self, len: u16);
    }
}

#[network_object(name = "list", create = anyone)]
pub mod list {
    pub struct State {
        #[network_field(to = viewers)]
        pub numbers: List<u8, 8>,
    }
    pub trait Server {
        #[network_field(from = anyone)]
        fn set(&mut self, numbers: List<u8, 8>);
    }
}

#[network_object(name = "one-number", create = anyone)]
pub mod one_number {
    pub struct State {
        #[network_field(to = viewers, wire = "set_current_value", always)]
        pub value: i32,
    }
    pub trait Server {
        #[network_field(from = owner)]
        fn set_init_value(&mut self, value: i32);
        #[network_field(from = anyone)]
        fn add_value(&mut self, by: i32);
    }
}

/// Whoever touches it makes it panic, at the worst moment.
#[network_object(name = "trap", create = anyone)]
pub mod trap {
    pub struct State {
        #[network_field(to = viewers)]
        pub sprung: i32,
    }
    pub trait Server {
        #[network_field(from = anyone)]
        fn spring(&mut self, value: i32);
    }
    pub trait Client {
        #[network_field(to = viewers)]
        fn snap(&mut self);
    }
}

#[derive(Default)]
pub struct Blob;

#[network_object]
impl blob::Server for Blob {
    fn fill(&mut self, cx: &mut blob::ServerCx<'_, Self>, len: u16) {
        let content = vec![0xab; len.into()];
        cx.state_mut().content = content.try_into().expect("the tests keep to the bound");
    }
}

#[derive(Default)]
pub struct Numbers;

#[network_object]
impl list::Server for Numbers {
    fn set(&mut self, cx: &mut list::ServerCx<'_, Self>, numbers: List<u8, 8>) {
        cx.state_mut().numbers = numbers;
    }
}

#[derive(Default)]
pub struct Number;

#[network_object]
impl one_number::Server for Number {
    fn set_init_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, value: i32) {
        cx.state_mut().value = value;
    }

    fn add_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, by: i32) {
        let Some(sum) = cx.state().value.checked_add(by) else {
            return cx.reject("integer overflow");
        };
        cx.state_mut().value = sum;
    }
}

#[derive(Default)]
pub struct Trap;

#[network_object]
impl trap::Server for Trap {
    fn spring(&mut self, cx: &mut trap::ServerCx<'_, Self>, value: i32) {
        cx.state_mut().sprung = value;
        cx.clients().snap();
        cx.send_to_all(Said { text: "sprung".try_into().expect("short") });
        panic!("the trap has sprung");
    }
}

/// What clients say.
#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<256>,
}

/// What the server says, and nobody else.
#[message(id = 66, from = server)]
pub struct Said {
    pub text: Str<256>,
}

/// A message whose handler panics.
#[message(id = 67, from = client)]
pub struct Explode {
    pub number: u8,
}

/// Answers the sender.
#[message_handler]
pub fn say(cx: &mut MessageCx<'_>, message: Say) {
    cx.reply(Said { text: message.text });
}

/// Panics after it has sent something.
#[message_handler]
pub fn explode(cx: &mut MessageCx<'_>, message: Explode) {
    cx.to_all(Said { text: "boom".try_into().expect("short") });
    panic!("message {} exploded", message.number);
}

/// A client's view of a number: tells the log of its node's.
#[derive(Default)]
pub struct Watched;

/// What a client has seen: the object and its value.
pub struct SeenValues(pub std::sync::mpsc::Sender<(ObjectId, i32)>);

#[network_object]
impl one_number::Client for Watched {
    fn value_changed(&mut self, cx: &mut one_number::ClientCx<'_, Self>, _old: i32) {
        let seen = (cx.id(), cx.state().value);
        // The test may have ended.
        let _ = cx.app::<SeenValues>().0.send(seen);
    }

    fn on_generate(&mut self, cx: &mut one_number::ClientCx<'_, Self>) {
        let seen = (cx.id(), cx.state().value);
        // The test may have ended.
        let _ = cx.app::<SeenValues>().0.send(seen);
    }
}
