//! Generated code does not care what names mean around it.

#![allow(non_camel_case_types, non_snake_case, dead_code)]

use magicnet::prelude::*;

pub struct Result;
pub struct Option;
pub struct Vec;
pub struct String;
pub struct Box;
pub struct Default;
pub struct Clone;
pub struct Copy;
pub struct Debug;
pub struct Sized;
pub struct Send;
pub struct PhantomData;
pub struct Contract;
pub struct State;
pub struct Message;
pub struct Cx;
pub struct bool;
pub struct str;
pub struct u8;
pub struct usize;
pub mod std {}
pub mod core {}
pub mod alloc {}
pub mod inventory {}
pub mod magicnet_shadow {}
pub fn Some() {}
pub fn None() {}
pub fn Ok() {}
pub fn Err() {}
pub fn drop() {}

#[macro_export]
macro_rules! assert {
    () => {};
}
#[macro_export]
macro_rules! file {
    () => {};
}
#[macro_export]
macro_rules! line {
    () => {};
}
#[macro_export]
macro_rules! concat {
    () => {};
}

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub width: f32,
        #[network_field(to = viewers, default = 7)]
        pub number: i32,
    }
    pub trait Server {
        fn knock(&mut self, #[arg(default)] times: i32, #[arg(rest)] names: List<Str<16>, 4>);
        fn push(&mut self, at: P);
    }
    pub trait Client {
        fn creak(&mut self, #[arg(any_float)] how: f32, name: Text<'_, 16>);
    }
}

/// Named like a type parameter.
#[derive(NetworkType)]
pub struct P {
    pub height: f32,
}

#[derive(NetworkType)]
pub struct Hinge {
    pub height: f32,
    #[arg(default)]
    pub screws: i32,
}

#[message(id = 64, from = client)]
pub struct Say {
    pub text: Str<16>,
    #[arg(rest)]
    pub more: List<Hinge, 4>,
}

pub struct Door;

fn new_door() -> Door {
    Door
}

#[network_object(factory = new_door)]
impl door::Server for Door {
    fn push(&mut self, _cx: &mut door::ServerCx<'_, Self>, _at: P) {}

    fn knock(&mut self, cx: &mut door::ServerCx<'_, Self>, times: i32, _names: List<Str<16>, 4>) {
        cx.state_mut().number = times;
        if let ::core::result::Result::Ok(name) = Text::try_from("oak") {
            cx.clients().creak(1.0, name);
        }
    }
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: Say) {
    cx.reply(message);
}

fn main() {}
