//! A server and its clients in one process and one thread: no socket, no runtime, and the same run every time.
//!
//!     cargo run --release --example native_connection
//!
//! It ends at once: after a few messages, and after a client that does not belong to this network was refused.

use std::error::Error;

use magicnet::prelude::*;
use magicnet::{Connected, Disconnected, MotdReceived, Node, NodeBuilder, Time, memory};

#[message(id = 64, from = client)]
struct Ping {
    number: u8,
}

#[message(id = 65, from = server)]
struct Pong {
    number: u8,
}

#[message_handler]
fn ping(cx: &mut MessageCx<'_>, message: Ping) {
    println!("server: ping {} came from {}", message.number, cx.sender().id());
    cx.reply(Pong { number: message.number });
}

#[message_handler]
fn pong(_cx: &mut MessageCx<'_>, message: Pong) {
    println!("client: pong {} came back", message.number);
}

fn client(dial: &memory::Dial) -> NodeBuilder {
    Node::client()
        .handler::<pong>()
        .message::<Ping>()
        .on(|_, event: MotdReceived| println!("client: greeted with {:?}", event.motd.unwrap_or_default()))
        .on(|_, event: Disconnected| println!("client: {}", event.ending))
        .connect(dial.clone())
}

fn main() -> Result<(), Box<dyn Error>> {
    let (port, dial) = memory::port();
    let mut server = Node::server()
        .motd("An example native host")
        .handler::<ping>()
        .message::<Pong>()
        .on(|_, event: Connected| println!("server: {} is here", event.connection))
        .on(|_, event: Disconnected| println!("server: {}: {}", event.connection, event.ending))
        .listen(port)
        .build()?;

    let mut friend = client(&dial)
        .on(|cx, event: Connected| (1..=3).for_each(|number| cx.send(event.connection, Ping { number })))
        .build()?;
    tick(&mut server, &mut friend)?;

    println!("-- and one from another network");
    let mut stranger = client(&dial).hash(*b"123").build()?;
    tick(&mut server, &mut stranger)
}

/// Lets two nodes speak until they have said it all. Nothing here is timed, so the time may stand still.
fn tick(server: &mut Node, client: &mut Node) -> Result<(), Box<dyn Error>> {
    for _ in 0..8 {
        client.tick(Time::ZERO)?;
        server.tick(Time::ZERO)?;
    }
    Ok(())
}
