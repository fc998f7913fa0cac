//! Nodes of ours, with the contracts that the scripts in `python` have too, and ears.

#![allow(
    unreachable_pub,
    clippy::needless_pass_by_ref_mut,
    reason = "written as users write contracts and handlers"
)]

use std::sync::mpsc::{Receiver, Sender, channel};

use magicnet::prelude::*;
use magicnet::{AnyEvent, Connect, Event, Listen, Node, NodeBuilder, NodeCx, Running, Tcp};
use magicnet_tests::{PATIENCE, shown};
use tokio::runtime::{Builder, Runtime};

/// A running node: what its views have heard, and its events, wait to be asked for.
pub(crate) struct Ours {
    heard: Receiver<String>,
    events: Receiver<AnyEvent>,
    running: Running,
    runtime: Runtime,
}

/// Where views say what they have heard.
pub(crate) struct Ears(Sender<String>);

impl Ears {
    pub(crate) fn hear(&self, what: String) {
        // The test may have ended.
        let _ = self.0.send(what);
    }
}

impl Ours {
    /// A server on a free port.
    pub(crate) fn server(configure: impl FnOnce(NodeBuilder) -> NodeBuilder) -> Self {
        Self::server_at(Tcp::bind("127.0.0.1:0"), configure)
    }

    /// A server at an endpoint of its own.
    pub(crate) fn server_at(endpoint: Listen, configure: impl FnOnce(NodeBuilder) -> NodeBuilder) -> Self {
        Self::start(configure(Node::server().motd("hello").listen(endpoint)))
    }

    /// A client that has shaken hands.
    pub(crate) fn client(port: u16, configure: impl FnOnce(NodeBuilder) -> NodeBuilder) -> Self {
        Self::client_of(Tcp::connect(format!("127.0.0.1:{port}")), configure)
    }

    /// A client of a server at an endpoint of its own, that has shaken hands.
    pub(crate) fn client_of(endpoint: Connect, configure: impl FnOnce(NodeBuilder) -> NodeBuilder) -> Self {
        let client = Self::start(configure(Node::client().connect(endpoint)));
        let connected = client.running.handle().connected();
        client.runtime.block_on(connected).expect("the server welcomes it");
        client
    }

    /// A client whose handshake is not waited for.
    pub(crate) fn connecting(port: u16, configure: impl FnOnce(NodeBuilder) -> NodeBuilder) -> Self {
        Self::start(configure(Node::client().connect(Tcp::connect(format!("127.0.0.1:{port}")))))
    }

    fn start(node: NodeBuilder) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("the system gives a thread");
        let (tell, events) = channel();
        let (ear, heard) = channel();
        let node = node.with(Ears(ear)).on_any(move |_, event| {
            // The test may have ended.
            let _ = tell.send(event.clone());
        });
        let running = runtime.block_on(node.start()).expect("the node starts");
        Self { heard, events, running, runtime }
    }

    pub(crate) fn port(&self) -> u16 {
        self.running.local_addr().expect("it listens on TCP").port()
    }

    /// Does something with the node.
    pub(crate) fn run<R: Send + 'static>(
        &self,
        act: impl FnOnce(&mut NodeCx<'_>) -> R + Send + 'static,
    ) -> R {
        let done = self.running.handle().run(act);
        self.runtime.block_on(done).expect("the node runs as long as its test")
    }

    /// Creates an object and waits for it.
    pub(crate) fn create<C: magicnet::Contract>(
        &self,
        describe: impl FnOnce(
            magicnet::Create<magicnet::NodeHandle, C>,
        ) -> magicnet::Create<magicnet::NodeHandle, C>,
    ) -> Object<C> {
        let creation = describe(self.running.handle().create());
        self.runtime.block_on(creation.into_future()).expect("the server acknowledges it")
    }

    /// What the views hear next.
    pub(crate) fn next_heard(&self) -> String {
        self.heard.recv_timeout(PATIENCE).expect("something is heard")
    }

    /// The views hear this next, and nothing before it.
    #[track_caller]
    pub(crate) fn hears(&self, what: impl AsRef<str>) {
        assert_eq!(self.next_heard(), what.as_ref());
    }

    /// The next event that is wanted; those before it are forgotten.
    pub(crate) fn event<E: Event + Clone>(&self, is_wanted: impl Fn(&E) -> bool) -> E {
        let mut others = Vec::new();
        loop {
            let Ok(event) = self.events.recv_timeout(PATIENCE) else {
                panic!("the event did not come; others did: {others:#?}");
            };
            match event.downcast::<E>().filter(|event| is_wanted(event)) {
                Some(event) => return event.clone(),
                None => others.push(event),
            }
        }
    }
}

/// The same numbers as in `python/number_views.py`.
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
        fn add_value(&mut self, value: i32);
    }
}

#[derive(Default)]
pub(crate) struct NumberServer;

#[network_object]
impl one_number::Server for NumberServer {
    fn set_init_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, value: i32) {
        cx.state_mut().value = value;
    }

    fn add_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, value: i32) {
        let Some(sum) = cx.state().value.checked_add(value) else {
            return cx.reject("integer overflow");
        };
        cx.state_mut().value = sum;
    }
}

/// Hears `generated`, `value` and `deleted`, each with the object and its value.
#[derive(Default)]
pub(crate) struct NumberClient;

#[network_object]
impl one_number::Client for NumberClient {
    fn value_changed(&mut self, cx: &mut one_number::ClientCx<'_, Self>, _old: i32) {
        hear_number(cx, "value");
    }

    fn on_generate(&mut self, cx: &mut one_number::ClientCx<'_, Self>) {
        hear_number(cx, "generated");
    }

    fn on_destroy(&mut self, cx: &mut one_number::ClientCx<'_, Self>) {
        hear_number(cx, "deleted");
    }
}

fn hear_number(cx: &mut one_number::ClientCx<'_, NumberClient>, what: &str) {
    let heard = format!("{what} {} {}", cx.id().to_u64(), cx.state().value);
    cx.app::<Ears>().hear(heard);
}

/// A struct as an argument.
#[derive(NetworkType, Clone, Debug, PartialEq)]
pub struct Point {
    pub x: i32,
    #[arg(default = 7)]
    pub y: i32,
    #[arg(default = 9)]
    pub z: i32,
}

/// The same calls as in `python/types_views.py`.
#[network_object(name = "every-type", create = anyone)]
pub mod every_type {
    pub trait Server {
        #[network_field(from = anyone)]
        fn set_value(&mut self, #[arg(default = 256)] value: u16);
        #[network_field(from = anyone)]
        fn set_extras(&mut self, #[arg(rest)] extras: List<Str<16>, 8>);
        #[network_field(from = anyone)]
        fn set_labels(&mut self, title: Str<16>, #[arg(rest)] numbers: List<u8, 8>);
        #[network_field(from = anyone)]
        fn set_point(&mut self, point: Point);
        #[network_field(from = anyone)]
        fn set_numbers(&mut self, tiny: i8, huge: u64, low: i64);
        #[network_field(from = anyone)]
        fn set_list(&mut self, values: List<i32, 16>);
        #[network_field(from = anyone)]
        fn set_pair(&mut self, pair: (Str<16>, u8));
        #[network_field(from = anyone)]
        fn set_bytes(&mut self, data: Bytes<256>);
        #[network_field(from = anyone)]
        fn set_text(&mut self, text: Str<256>);
        #[network_field(from = anyone)]
        fn set_float(&mut self, number: f64);
        #[network_field(from = anyone)]
        fn set_rows(&mut self, rows: List<List<u16, 8>, 8>);
        #[network_field(from = anyone)]
        fn set_points(&mut self, points: List<Point, 8>);
        #[network_field(from = anyone)]
        fn set_map(&mut self, entries: Value<256>);
        #[network_field(from = anyone)]
        fn set_any(&mut self, anything: Value<256>);
    }
    pub trait Client {
        #[network_field(to = viewers)]
        fn echo_value(&mut self, #[arg(default = 256)] value: u16);
        #[network_field(to = viewers)]
        fn echo_extras(&mut self, #[arg(rest)] extras: List<Str<16>, 8>);
        #[network_field(to = viewers)]
        fn echo_labels(&mut self, title: Str<16>, #[arg(rest)] numbers: List<u8, 8>);
        #[network_field(to = viewers)]
        fn echo_point(&mut self, point: Point);
        #[network_field(to = viewers)]
        fn echo_numbers(&mut self, tiny: i8, huge: u64, low: i64);
        #[network_field(to = viewers)]
        fn echo_list(&mut self, values: List<i32, 16>);
        #[network_field(to = viewers)]
        fn echo_pair(&mut self, pair: (Str<16>, u8));
        #[network_field(to = viewers)]
        fn echo_bytes(&mut self, data: Bytes<256>);
        #[network_field(to = viewers)]
        fn echo_text(&mut self, text: Str<256>);
        #[network_field(to = viewers)]
        fn echo_float(&mut self, number: f64);
        #[network_field(to = viewers)]
        fn echo_rows(&mut self, rows: List<List<u16, 8>, 8>);
        #[network_field(to = viewers)]
        fn echo_points(&mut self, points: List<Point, 8>);
        #[network_field(to = viewers)]
        fn echo_map(&mut self, entries: Value<256>);
        #[network_field(to = viewers)]
        fn echo_any(&mut self, anything: Value<256>);
    }
}

#[derive(Default)]
pub(crate) struct TypesServer;

type AtServer<'a> = every_type::ServerCx<'a, TypesServer>;

#[network_object]
impl every_type::Server for TypesServer {
    fn set_value(&mut self, cx: &mut AtServer<'_>, value: u16) {
        cx.clients().echo_value(value);
    }
    fn set_extras(&mut self, cx: &mut AtServer<'_>, extras: List<Str<16>, 8>) {
        cx.clients().echo_extras(extras);
    }
    fn set_labels(&mut self, cx: &mut AtServer<'_>, title: Str<16>, numbers: List<u8, 8>) {
        cx.clients().echo_labels(title, numbers);
    }
    fn set_point(&mut self, cx: &mut AtServer<'_>, point: Point) {
        cx.clients().echo_point(point);
    }
    fn set_numbers(&mut self, cx: &mut AtServer<'_>, tiny: i8, huge: u64, low: i64) {
        cx.clients().echo_numbers(tiny, huge, low);
    }
    fn set_list(&mut self, cx: &mut AtServer<'_>, values: List<i32, 16>) {
        cx.clients().echo_list(values);
    }
    fn set_pair(&mut self, cx: &mut AtServer<'_>, pair: (Str<16>, u8)) {
        cx.clients().echo_pair(pair);
    }
    fn set_bytes(&mut self, cx: &mut AtServer<'_>, data: Bytes<256>) {
        cx.clients().echo_bytes(data);
    }
    fn set_text(&mut self, cx: &mut AtServer<'_>, text: Str<256>) {
        cx.clients().echo_text(text);
    }
    fn set_float(&mut self, cx: &mut AtServer<'_>, number: f64) {
        cx.clients().echo_float(number);
    }
    fn set_rows(&mut self, cx: &mut AtServer<'_>, rows: List<List<u16, 8>, 8>) {
        cx.clients().echo_rows(rows);
    }
    fn set_points(&mut self, cx: &mut AtServer<'_>, points: List<Point, 8>) {
        cx.clients().echo_points(points);
    }
    fn set_map(&mut self, cx: &mut AtServer<'_>, entries: Value<256>) {
        cx.clients().echo_map(entries);
    }
    fn set_any(&mut self, cx: &mut AtServer<'_>, anything: Value<256>) {
        cx.clients().echo_any(anything);
    }
}

/// Hears each call with its arguments in the form of JSON.
#[derive(Default)]
pub(crate) struct TypesClient;

type AtClient<'a> = every_type::ClientCx<'a, TypesClient>;

fn hear_call(cx: &mut AtClient<'_>, call: &str, arguments: &[String]) {
    let heard = format!("{call}({})", arguments.join(", "));
    cx.app::<Ears>().hear(heard);
}

#[network_object]
impl every_type::Client for TypesClient {
    fn on_generate(&mut self, cx: &mut AtClient<'_>) {
        hear_call(cx, "generated", &[]);
    }
    fn echo_value(&mut self, cx: &mut AtClient<'_>, value: u16) {
        hear_call(cx, "echo_value", &[shown(&value)]);
    }
    fn echo_extras(&mut self, cx: &mut AtClient<'_>, extras: List<Str<16>, 8>) {
        let extras: Vec<String> = extras.iter().map(shown).collect();
        hear_call(cx, "echo_extras", &extras);
    }
    fn echo_labels(&mut self, cx: &mut AtClient<'_>, title: Str<16>, numbers: List<u8, 8>) {
        let mut labels = vec![shown(&title)];
        labels.extend(numbers.iter().map(shown));
        hear_call(cx, "echo_labels", &labels);
    }
    fn echo_point(&mut self, cx: &mut AtClient<'_>, point: Point) {
        hear_call(cx, "echo_point", &[shown(&point)]);
    }
    fn echo_numbers(&mut self, cx: &mut AtClient<'_>, tiny: i8, huge: u64, low: i64) {
        hear_call(cx, "echo_numbers", &[shown(&tiny), shown(&huge), shown(&low)]);
    }
    fn echo_list(&mut self, cx: &mut AtClient<'_>, values: List<i32, 16>) {
        hear_call(cx, "echo_list", &[shown(&values)]);
    }
    fn echo_pair(&mut self, cx: &mut AtClient<'_>, pair: (Str<16>, u8)) {
        hear_call(cx, "echo_pair", &[shown(&pair)]);
    }
    fn echo_bytes(&mut self, cx: &mut AtClient<'_>, data: Bytes<256>) {
        hear_call(cx, "echo_bytes", &[shown(&data)]);
    }
    fn echo_text(&mut self, cx: &mut AtClient<'_>, text: Str<256>) {
        hear_call(cx, "echo_text", &[shown(&text)]);
    }
    fn echo_float(&mut self, cx: &mut AtClient<'_>, number: f64) {
        hear_call(cx, "echo_float", &[shown(&number)]);
    }
    fn echo_rows(&mut self, cx: &mut AtClient<'_>, rows: List<List<u16, 8>, 8>) {
        hear_call(cx, "echo_rows", &[shown(&rows)]);
    }
    fn echo_points(&mut self, cx: &mut AtClient<'_>, points: List<Point, 8>) {
        hear_call(cx, "echo_points", &[shown(&points)]);
    }
    fn echo_map(&mut self, cx: &mut AtClient<'_>, entries: Value<256>) {
        hear_call(cx, "echo_map", &[shown(&entries)]);
    }
    fn echo_any(&mut self, cx: &mut AtClient<'_>, anything: Value<256>) {
        hear_call(cx, "echo_any", &[shown(&anything)]);
    }
}
