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
pub struct Init;
pub struct ToServer;
pub struct ToClients;
pub mod std {}
pub mod core {}
pub mod alloc {}
pub mod inventory {}
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
fn ok(_: &magicnet::Connection) -> ::core::primitive::bool {
    true
}
fn ok2(_: &magicnet::Connection, _: &magicnet::Subject<'_, Door>) -> ::core::primitive::bool {
    true
}
fn small(_: &i32) -> ::core::primitive::bool {
    true
}
#[network_object(name = "door", role = server, peer = DoorClient,
    create = ok, on_owner_left = keep, roles(client = 1, server = 0))]
pub struct Door {
    #[network_field(to = viewers, init = creator)]
    pub width: f32,
    #[network_field(to = viewers, default = 7)]
    number: i32,
    #[network_field(to = nobody)]
    hidden: i32,
    #[network_field(to = server, wire = "x")]
    server: i32,
    #[network_field(to = owner, spread, persist = ram)]
    pos: (f32, f32),
}
impl Door {
    fn new() -> Door {
        Door { width: 1.0, number: 1, hidden: 2, server: 4, pos: (0.0, 0.0) }
    }
}
#[network_object(factory = Door::new)]
impl Door {
    #[network_field(from = ok)]
    fn knock(
        &mut self,
        cx: &mut DoorCx<'_>,
        #[arg(default, check = small)] times: i32,
        #[arg(rest)] _names: List<Str<16>, 4>,
    ) {
        self.number = times;
        cx.clients().creak(1.0, Text::default());
        cx.owner().whisper();
    }
    #[network_field(from = ok2, persist = ram)]
    fn push(&mut self, _cx: &mut DoorCx<'_>, _at: P) {}
    #[network_field(from = server)]
    fn close(&mut self, _cx: &mut DoorCx<'_>) {}
    fn on_generate(&mut self, _cx: &mut DoorCx<'_>) {}
    fn on_destroy(&mut self, _cx: &mut DoorCx<'_>) {}
}
#[derive(NetworkType)]
pub struct P {
    pub height: f32,
}
#[network_object(name = "door", role = client, peer = Door)]
pub struct DoorClient;
fn make() -> DoorClient {
    DoorClient
}
#[network_object(factory = make)]
impl DoorClient {
    #[network_field(to = viewers, persist = ram)]
    fn creak(&mut self, _cx: &mut DoorClientCx<'_>, #[arg(any_float)] _how: f32, _name: Text<'_, 16>) {}
    #[network_field(to = owner)]
    fn whisper(&mut self, _cx: &mut DoorClientCx<'_>) {}
    fn width_changed(&mut self, _cx: &mut DoorClientCx<'_>, _old: f32) {}
    fn pos_changed(&mut self, _cx: &mut DoorClientCx<'_>, _old: (f32, f32)) {}
}
#[network_object(name = "b", roles(both = 4), create = ok)]
pub mod bothm {
    pub struct State {
        #[network_field(to = viewers, init = creator)]
        pub x: i32,
        #[network_field(to = nobody)]
        pub y: i32,
    }
    pub trait Both {
        #[network_field(from = ok, to = owner, index = 0)]
        fn a(&mut self, #[arg(default)] times: i32);
        #[network_field(from = anyone, persist = ram)]
        fn b(&mut self, t: Text<'_, 3>);
    }
}
fn main() {}
