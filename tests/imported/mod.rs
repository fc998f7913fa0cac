//! Contracts made of the manifests that Python wrote of `one-number` and `every-hint`, and views of them: included by
//! the tests that need them, since every program that links a contract has it.

#![allow(
    unreachable_pub,
    clippy::needless_pass_by_ref_mut,
    reason = "written as users write contracts and handlers"
)]

use magicnet::prelude::*;
use magicnet_tests::shown;

use super::Ears;

/// Python's dataclass of this name: its manifest says no more of it.
#[derive(NetworkType, Clone, Debug, PartialEq)]
pub struct Place {
    /// From the left.
    pub x: i32,
    /// From below.
    #[arg(default = 7)]
    pub y: i32,
}

/// Titles do not shout.
fn is_calm(title: &Option<Str<64>>) -> bool {
    title.as_ref().is_none_or(|title| !title.ends_with('!'))
}

magicnet::manifest! {
    "wire/manifests/client.json", "wire/manifests/server.json";

    #[network_object(create = anyone)]
    pub mod one_number {
        struct State {
            /// Python's `set_current_value`.
            #[network_field(to = viewers, wire = "set_current_value", always)]
            pub value,
        }
        trait Server {
            #[network_field(from = anyone)]
            fn add_value;
        }
    }

    /// Every typehint that Python can write.
    #[network_object(create = anyone)]
    pub mod every_hint {
        struct State {
            #[network_field(to = viewers, default = 50.try_into().expect("it is in range"))]
            pub level,
            #[network_field(to = viewers)]
            pub owner_name: Str<32>,
        }
        trait Server {
            #[network_field(from = anyone)]
            fn set_anything(it: Value<256>);
            #[network_field(from = anyone)]
            fn set_bare(it: Value<64>);
            #[network_field(from = anyone)]
            fn set_text(it: Str<64>, #[arg(check = is_calm)] title: Option<Str<64>>);
            #[network_field(from = anyone)]
            fn set_data(it: Bytes<256>);
            #[network_field(from = anyone)]
            fn set_lists(
                it: List<Value<16>, 4>,
                numbers: List<i32, 8>,
                names: List<List<Str<16>, 4>, 4>,
            );
            #[network_field(from = anyone)]
            fn set_dicts(it: Map<Str<8>, u8, 4>, scores: Map<Str<16>, i32, 8>);
            #[network_field(from = anyone)]
            fn set_tuples(it: List<Value<16>, 4>, row: List<u16, 8>);
            #[network_field(from = anyone)]
            fn set_either(it: Value<64>);
            #[network_field(from = anyone)]
            fn set_place(it: Place, places: List<Place, 4>);
            fn set_three(it: List<u8, 3>);
            #[network_field(from = anyone)]
            fn set_rest(numbers: List<u8, 8>);
            #[network_field(from = anyone, wire = "type")]
            fn set_type;
            #[network_field(from = anyone)]
            fn set_int;
            #[network_field(from = anyone)]
            fn set_float;
            #[network_field(from = anyone)]
            fn set_flag;
        }
        trait Client {
            fn echo_anything(it: Value<256>);
            fn echo_bare(it: Value<64>);
            fn echo_text(it: Str<64>);
            fn echo_data(it: Bytes<256>);
            fn echo_lists(numbers: List<i32, 8>, names: List<List<Str<16>, 4>, 4>);
            fn echo_dicts(it: Map<Str<8>, u8, 4>, scores: Map<Str<16>, i32, 8>);
            fn echo_tuples(row: List<u16, 8>);
            fn echo_either(it: Value<64>);
            fn echo_place(it: Place);
            fn echo_rest(numbers: List<u8, 8>);
            #[network_field(persist = none)]
            fn echo_type;
        }
    }
}

/// The same answers as those of Python's server.
#[derive(Debug)]
pub struct HintsServer;

impl HintsServer {
    fn new() -> Self {
        Self
    }
}

type AtServer<'a> = every_hint::ServerCx<'a, HintsServer>;

#[network_object(factory = HintsServer::new)]
impl every_hint::Server for HintsServer {
    fn set_anything(&mut self, cx: &mut AtServer<'_>, it: Value<256>) {
        cx.clients().echo_anything(it);
    }
    fn set_bare(&mut self, cx: &mut AtServer<'_>, it: Value<64>) {
        cx.clients().echo_bare(it);
    }
    fn set_int(
        &mut self,
        cx: &mut AtServer<'_>,
        it: i64,
        percent: Ranged<u8, 0, 100>,
        least: Ranged<i64, -5, MAX>,
    ) {
        cx.state_mut().level = percent;
        cx.clients().echo_int(it, percent, *least);
    }
    fn set_float(&mut self, cx: &mut AtServer<'_>, it: f64, _far: f64) {
        cx.clients().echo_float(it);
    }
    fn set_flag(&mut self, cx: &mut AtServer<'_>, it: bool) {
        cx.clients().echo_flag(it);
    }
    fn set_text(&mut self, cx: &mut AtServer<'_>, it: Str<64>, name: Str<16>, title: Option<Str<64>>) {
        if let Some(title) = title {
            cx.state_mut().owner_name = Str::truncated(&title);
        }
        cx.clients().echo_text(it, name);
    }
    fn set_data(&mut self, cx: &mut AtServer<'_>, it: Bytes<256>, small: Bytes<16>) {
        cx.clients().echo_data(it, small);
    }
    fn set_lists(
        &mut self,
        cx: &mut AtServer<'_>,
        _it: List<Value<16>, 4>,
        numbers: List<i32, 8>,
        names: List<List<Str<16>, 4>, 4>,
    ) {
        cx.clients().echo_lists(numbers, names);
    }
    fn set_dicts(&mut self, cx: &mut AtServer<'_>, it: Map<Str<8>, u8, 4>, scores: Map<Str<16>, i32, 8>) {
        cx.clients().echo_dicts(it, scores);
    }
    fn set_tuples(
        &mut self,
        cx: &mut AtServer<'_>,
        _it: List<Value<16>, 4>,
        pair: (Str<16>, u8),
        row: List<u16, 8>,
    ) {
        cx.clients().echo_tuples(pair, row);
    }
    fn set_either(&mut self, cx: &mut AtServer<'_>, it: Value<64>) {
        cx.clients().echo_either(it);
    }
    fn set_place(&mut self, cx: &mut AtServer<'_>, it: Place, _places: List<Place, 4>) {
        cx.clients().echo_place(it);
    }
    fn set_rest(&mut self, cx: &mut AtServer<'_>, title: Str<16>, numbers: List<u8, 8>) {
        cx.clients().echo_rest(title, numbers);
    }
    fn set_three(&mut self, _cx: &mut AtServer<'_>, _it: List<u8, 3>) {}
    fn set_type(&mut self, cx: &mut AtServer<'_>, it: u8) {
        cx.clients().moved(i32::from(it), -1);
        cx.clients().echo_type(it);
    }
}

const MAX: i128 = i64::MAX as i128;

/// Hears each call with its arguments in the form of JSON.
#[derive(Default, Debug)]
pub struct HintsClient;

type AtClient<'a> = every_hint::ClientCx<'a, HintsClient>;

fn hear(cx: &mut AtClient<'_>, call: &str, arguments: &[String]) {
    let heard = format!("{call}({})", arguments.join(", "));
    cx.app::<Ears>().hear(heard);
}

#[network_object]
impl every_hint::Client for HintsClient {
    fn on_generate(&mut self, cx: &mut AtClient<'_>) {
        hear(cx, "generated", &[]);
    }
    fn level_changed(&mut self, cx: &mut AtClient<'_>, _old: Ranged<u8, 0, 100>) {
        let level = shown(&cx.state().level);
        hear(cx, "level", &[level]);
    }
    fn owner_name_changed(&mut self, cx: &mut AtClient<'_>, _old: Str<32>) {
        let name = shown(&cx.state().owner_name);
        hear(cx, "owner_name", &[name]);
    }
    fn flashed(&mut self, cx: &mut AtClient<'_>) {
        hear(cx, "flashed", &[]);
    }
    fn moved(&mut self, cx: &mut AtClient<'_>, x: i32, y: i32) {
        hear(cx, "moved", &[shown(&x), shown(&y)]);
    }
    fn echo_anything(&mut self, cx: &mut AtClient<'_>, it: Value<256>) {
        hear(cx, "anything", &[shown(&it)]);
    }
    fn echo_bare(&mut self, cx: &mut AtClient<'_>, it: Value<64>) {
        hear(cx, "bare", &[shown(&it)]);
    }
    fn echo_int(&mut self, cx: &mut AtClient<'_>, it: i64, percent: Ranged<u8, 0, 100>, least: i64) {
        hear(cx, "int", &[shown(&it), shown(&percent), shown(&least)]);
    }
    fn echo_float(&mut self, cx: &mut AtClient<'_>, it: f64) {
        hear(cx, "float", &[shown(&it)]);
    }
    fn echo_flag(&mut self, cx: &mut AtClient<'_>, it: bool) {
        hear(cx, "flag", &[shown(&it)]);
    }
    fn echo_text(&mut self, cx: &mut AtClient<'_>, it: Str<64>, name: Str<16>) {
        hear(cx, "text", &[shown(&it), shown(&name)]);
    }
    fn echo_data(&mut self, cx: &mut AtClient<'_>, it: Bytes<256>, small: Bytes<16>) {
        hear(cx, "data", &[shown(&it), shown(&small)]);
    }
    fn echo_lists(&mut self, cx: &mut AtClient<'_>, numbers: List<i32, 8>, names: List<List<Str<16>, 4>, 4>) {
        hear(cx, "lists", &[shown(&numbers), shown(&names)]);
    }
    fn echo_dicts(&mut self, cx: &mut AtClient<'_>, it: Map<Str<8>, u8, 4>, scores: Map<Str<16>, i32, 8>) {
        hear(cx, "dicts", &[shown(&it), shown(&scores)]);
    }
    fn echo_tuples(&mut self, cx: &mut AtClient<'_>, pair: (Str<16>, u8), row: List<u16, 8>) {
        hear(cx, "tuples", &[shown(&pair), shown(&row)]);
    }
    fn echo_either(&mut self, cx: &mut AtClient<'_>, it: Value<64>) {
        hear(cx, "either", &[shown(&it)]);
    }
    fn echo_place(&mut self, cx: &mut AtClient<'_>, it: Place) {
        hear(cx, "place", &[shown(&it)]);
    }
    fn echo_rest(&mut self, cx: &mut AtClient<'_>, title: Str<16>, numbers: List<u8, 8>) {
        hear(cx, "rest", &[shown(&title), shown(&numbers)]);
    }
    fn echo_type(&mut self, cx: &mut AtClient<'_>, it: u8) {
        hear(cx, "type", &[shown(&it)]);
    }
}
