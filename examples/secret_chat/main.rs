//! Middleware: a chat whose bytes are encrypted, and an audit of its messages.
//!
//!     cargo run --release --example secret_chat
//!
//! It ends at once: Ann tells Bob a secret, and somebody without the key is turned away. The same endpoints over TCP
//! are `Tcp::bind(..)` and `Tcp::connect(..)` with the same middleware.

mod cipher;

use std::error::Error;
use std::sync::{Arc, Mutex};

use cipher::{Cipher, Key};
use examples::chat::{Heard, Say, SetName};
use magicnet::prelude::*;
use magicnet::{
    BytesMiddleware, Connect, Connected, Disconnected, Endpoint, Listen, MessageMiddleware, Node,
    PassingMessage, Time, Verdict, memory,
};

/// What the server keeps with a connection.
struct Username(Str<16>);

#[message_handler]
fn set_name(cx: &mut MessageCx<'_>, message: SetName) {
    cx.sender_mut().insert(Username(message.name));
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: Say) -> Result<(), Disconnect> {
    let Some(Username(name)) = cx.sender().get() else {
        return Err(Disconnect::new(10, "Say requires a username!"));
    };
    cx.to_all_except_sender(Heard { name: name.clone(), text: message.text });
    Ok(())
}

#[message_handler]
fn heard(cx: &mut MessageCx<'_>, message: Heard) {
    println!("{}: {} said: {}", cx.app::<Name>().0, message.name, message.text);
}

struct Name(&'static str);

/// Writes down who says what to whom.
struct Audit;

impl MessageMiddleware for Audit {
    fn send(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        println!("audit: the server says {}", words(message));
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        let who = message.connection().map(|connection| connection.to_string());
        println!("audit: {} says {}", who.unwrap_or_default(), words(message));
        Ok(Verdict::Pass)
    }
}

fn words(message: &PassingMessage<'_>) -> String {
    match message.read::<Say>() {
        Some(Ok(say)) => format!("{:?}", say.text.as_str()),
        _ => message.id().to_string(),
    }
}

/// What somebody on the way may read. It stands last, so it sees what really leaves.
#[derive(Clone, Default)]
struct Eavesdropper(Arc<Mutex<Vec<u8>>>);

impl BytesMiddleware for Eavesdropper {
    fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        self.0.lock().expect("nobody panics with it").extend_from_slice(datagram);
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        self.send(datagram)
    }
}

fn encrypted<D>(endpoint: impl Into<Endpoint<D>>, key: Key) -> Endpoint<D> {
    endpoint.into().middleware(move || Cipher::new(&key))
}

fn client(name: &'static str, dial: &memory::Dial, key: Key) -> Result<Node, Box<dyn Error>> {
    let endpoint: Connect = encrypted(dial.clone(), key);
    let client = Node::client()
        .with(Name(name))
        .handler::<heard>()
        .message::<SetName>()
        .message::<Say>()
        .on(|cx, event: Connected| {
            let name = Str::truncated(cx.app::<Name>().0);
            cx.send(event.connection, SetName { name });
        })
        .on(|cx, event: Disconnected| println!("{}: {}", cx.app::<Name>().0, event.ending))
        .connect(endpoint);
    Ok(client.build()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    // A real one comes from a file or from the environment.
    let key: Key = *b"thirty-two bytes that are secret";
    let eavesdropper = Eavesdropper::default();
    let (port, dial) = memory::port();
    let tap = eavesdropper.clone();
    let endpoint: Listen = encrypted(port, key);
    let endpoint = endpoint.middleware(move || tap.clone()).message_middleware(|| Audit);
    let mut server = Node::server()
        .handler::<set_name>()
        .handler::<say>()
        .message::<Heard>()
        .on(|_, event: Disconnected| println!("server: {}: {}", event.connection, event.ending))
        .listen(endpoint)
        .build()?;

    let mut ann = client("Ann", &dial, key)?;
    let mut bob = client("Bob", &dial, key)?;
    tick(&mut [&mut ann, &mut bob, &mut server])?;
    let secret = "the treasure is under the old oak";
    ann.run(Time::ZERO, |cx| cx.send_to_all(Say { text: Str::truncated(secret) }));
    tick(&mut [&mut ann, &mut server, &mut bob])?;

    println!("-- and one who has another key");
    let mut eve = client("Eve", &dial, [0; 32])?;
    tick(&mut [&mut eve, &mut server])?;

    let seen = eavesdropper.0.lock().expect("nobody panics with it");
    let reads = seen.windows(secret.len()).any(|window| window == secret.as_bytes());
    println!("{} bytes were on the way; the secret was {}", seen.len(), if reads { "READ" } else { "safe" });
    Ok(())
}

/// Lets nodes speak until they have said it all. Nothing here is timed, so the time may stand still.
fn tick(nodes: &mut [&mut Node]) -> Result<(), Box<dyn Error>> {
    for _ in 0..8 {
        for node in &mut *nodes {
            node.tick(Time::ZERO)?;
        }
    }
    Ok(())
}
