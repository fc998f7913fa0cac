//! The application of the stories: a counter, and messages that are echoed and passed on. What its handlers see they
//! write into a diary.

use magicnet::prelude::*;
use magicnet::{Connected, Disconnected, MotdReceived, Node, NodeBuilder, ZoneComplete};
use magicnet::{message, message_handler, network_object};

use crate::diary::{Diary, Pen};

#[network_object(name = "counter", create = anyone)]
pub(crate) mod counter {
    /// What is counted.
    pub(crate) struct State {
        #[network_field(to = viewers)]
        pub(crate) value: i32,
    }
    /// Calls that the server's view answers.
    pub(crate) trait Server {
        #[network_field(from = anyone)]
        fn add(&mut self, by: i32);
    }
    /// Calls that client views answer.
    pub(crate) trait Client {
        #[network_field(to = viewers)]
        fn added(&mut self, by: i32);
    }
}

#[derive(Default)]
pub(crate) struct CounterServer;

#[network_object]
impl counter::Server for CounterServer {
    fn add(&mut self, cx: &mut counter::ServerCx<'_, Self>, by: i32) {
        cx.state_mut().value += by;
        cx.clients().added(by);
    }
}

#[derive(Default)]
pub(crate) struct CounterClient;

#[network_object]
impl counter::Client for CounterClient {
    fn value_changed(&mut self, cx: &mut counter::ClientCx<'_, Self>, old: i32) {
        let line = format!("{old} -> {}", cx.state().value);
        cx.app::<Pen>().write(line);
    }

    fn added(&mut self, cx: &mut counter::ClientCx<'_, Self>, by: i32) {
        cx.app::<Pen>().write(format!("added {by}"));
    }

    fn on_generate(&mut self, cx: &mut counter::ClientCx<'_, Self>) {
        let line = format!("sees a counter at {}", cx.state().value);
        cx.app::<Pen>().write(line);
    }
}

/// To the server, which answers with the same and tells everybody else.
#[message(id = 64, from = client)]
pub(crate) struct Say {
    pub(crate) number: u32,
    pub(crate) bytes: Bytes<60_000>,
}

/// What one said, back to the one.
#[message(id = 65, from = server)]
pub(crate) struct Said {
    pub(crate) number: u32,
    pub(crate) bytes: Bytes<60_000>,
}

/// What one said, to the others.
#[message(id = 66, from = server)]
pub(crate) struct Heard {
    pub(crate) number: u32,
}

/// To everybody.
#[message(id = 67, from = server)]
pub(crate) struct News {
    pub(crate) number: u32,
    pub(crate) bytes: Bytes<60_000>,
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, said: Say) {
    cx.app::<Pen>().write(format!("is told {}", said.number));
    cx.to_all_except_sender(Heard { number: said.number });
    cx.reply(Said { number: said.number, bytes: said.bytes });
}

#[message_handler]
fn said(cx: &mut MessageCx<'_>, said: Said) {
    let line = format!("said {} in {}", said.number, describe(&said.bytes));
    cx.app::<Pen>().write(line);
}

#[message_handler]
fn heard(cx: &mut MessageCx<'_>, heard: Heard) {
    cx.app::<Pen>().write(format!("heard {}", heard.number));
}

#[message_handler]
fn news(cx: &mut MessageCx<'_>, news: News) {
    let line = format!("news {} in {}", news.number, describe(&news.bytes));
    cx.app::<Pen>().write(line);
}

/// Bytes that can be told from others, and from themselves in another order.
pub(crate) fn pattern(len: usize) -> Bytes<60_000> {
    let bytes: Vec<u8> = (0_u8..251).cycle().take(len).collect();
    bytes.try_into().expect("tests stay within bounds")
}

fn describe(bytes: &Bytes<60_000>) -> String {
    let is_whole = *bytes == pattern(bytes.len());
    format!("{} bytes{}", bytes.len(), if is_whole { "" } else { ", broken" })
}

/// A server that writes as `server`.
pub(crate) fn server(diary: &Diary) -> NodeBuilder {
    let server = Node::server()
        .motd("welcome")
        .view::<CounterServer>()
        .handler::<say>()
        .message::<Said>()
        .message::<Heard>()
        .message::<News>();
    with_diary(server, diary.pen("server"))
}

/// A client that writes under its name.
pub(crate) fn client(diary: &Diary, name: impl Into<String>) -> NodeBuilder {
    let client = Node::client()
        .view::<CounterClient>()
        .message::<Say>()
        .handler::<said>()
        .handler::<heard>()
        .handler::<news>();
    let client = client.on(|cx, event: ZoneComplete| {
        let line = format!("{} is complete", event.zone);
        cx.app::<Pen>().write(line);
    });
    with_diary(client, diary.pen(name))
}

/// A server that is also a client of another, and writes under its name.
pub(crate) fn between(diary: &Diary, name: impl Into<String>) -> NodeBuilder {
    let between = Node::server()
        .view::<CounterServer>()
        .view::<CounterClient>()
        .handler::<say>()
        .handler::<said>()
        .handler::<heard>()
        .handler::<news>();
    with_diary(between, diary.pen(name))
}

fn with_diary(node: NodeBuilder, pen: Pen) -> NodeBuilder {
    node.with(pen)
        .on(|cx, _: Connected| cx.app::<Pen>().write("connected"))
        .on(|cx, event: MotdReceived| {
            let line = format!("reads {}", event.motd.unwrap_or_default());
            cx.app::<Pen>().write(line);
        })
        .on(|cx, event: Disconnected| cx.app::<Pen>().write(event.ending.to_string()))
}
