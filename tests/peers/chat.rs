//! Messages: a name is set, what is said comes back reversed, and all others hear it; without a name one is put out.

#![allow(clippy::needless_pass_by_ref_mut, reason = "written as users write handlers")]

use magicnet::prelude::*;
use magicnet::{Connect, DisconnectReason, Disconnected, Ending, Listen, NodeBuilder, Tcp};
use serde_json::json;

use crate::nodes::{Ears, Ours};
use crate::python::{Python, Version};

#[message(id = 64, from = client)]
pub(crate) struct SetName {
    pub(crate) name: Str<16>,
}

#[message(id = 65, from = client)]
pub(crate) struct Say {
    pub(crate) text: Str<256>,
}

#[message(id = 66, from = server)]
pub(crate) struct Reversed {
    pub(crate) text: Str<256>,
}

#[message(id = 67, from = server)]
pub(crate) struct Heard {
    pub(crate) name: Str<16>,
    pub(crate) text: Str<256>,
}

struct Username(Str<16>);

#[message_handler]
fn set_name(cx: &mut MessageCx<'_>, message: SetName) {
    cx.sender_mut().insert(Username(message.name));
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: Say) -> Result<(), Disconnect> {
    let Some(Username(name)) = cx.sender().get::<Username>() else {
        return Err(Disconnect::new(10, "Say requires a username!"));
    };
    cx.to_all_except_sender(Heard {
        name: name.clone(),
        text: message.text.clone(),
    });
    cx.reply(Reversed {
        text: message.text.chars().rev().collect::<String>().try_into()?,
    });
    Ok(())
}

#[message_handler]
fn reversed(cx: &mut MessageCx<'_>, message: Reversed) {
    cx.app::<Ears>().hear(format!("reversed {}", message.text));
}

#[message_handler]
fn heard(cx: &mut MessageCx<'_>, message: Heard) {
    cx.app::<Ears>().hear(format!("{}: {}", message.name, message.text));
}

fn talking_server(node: NodeBuilder) -> NodeBuilder {
    node.handler::<set_name>().handler::<say>().message::<Reversed>().message::<Heard>()
}

fn talking_client(node: NodeBuilder) -> NodeBuilder {
    node.handler::<reversed>().handler::<heard>().message::<SetName>().message::<Say>()
}

fn text<const N: usize>(text: &str) -> Str<N> {
    text.to_owned().try_into().expect("the tests keep to the bounds")
}

pub(crate) fn rust_server(version: Version) {
    rust_server_over(version, |endpoint| endpoint, |endpoint| endpoint, &[]);
}

pub(crate) fn python_server(version: Version) {
    python_server_over(version, |endpoint| endpoint, &[]);
}

/// The story with a server of ours, where endpoints are prepared and Python peers started with `options`.
pub(crate) fn rust_server_over(
    version: Version,
    listen: fn(Listen) -> Listen,
    connect: fn(Connect) -> Connect,
    options: &[&str],
) {
    let server = Ours::server_at(listen(Tcp::bind("127.0.0.1:0")), talking_server);
    let [mut ann, mut bob, mut eve] =
        [(); 3].map(|()| Python::ready_client(version, "chat_client.py", server.port(), options).0);
    let address = format!("127.0.0.1:{}", server.port());
    let ours = Ours::client_of(connect(Tcp::connect(address)), talking_client);
    assert_eq!(ann.event("motd")["text"], "hello");

    ann.command("name Ann");
    ann.command("say Guten Tag, 世界");
    ann.tells(&json!({"event": "reversed", "text": "界世 ,gaT netuG"}));
    for other in [&mut bob, &mut eve] {
        other.tells(&json!({"event": "heard", "name": "Ann", "text": "Guten Tag, 世界"}));
    }
    ours.hears("Ann: Guten Tag, 世界");

    // Whoever has no name is put out, with the server's reason, and nobody hears what it said.
    eve.command("say psst");
    let told = eve.event("disconnected");
    assert_eq!((&told["reason"], &told["detail"]), (&json!(10), &json!("Say requires a username!")));
    eve.event("closed");
    bob.command("name Bob");
    bob.command(&format!("say {}", "x".repeat(256)));
    bob.tells(&json!({"event": "reversed", "text": "x".repeat(256)}));
    ann.tells(&json!({"event": "heard", "name": "Bob", "text": "x".repeat(256)}));
    ours.hears(format!("Bob: {}", "x".repeat(256)));
    assert!(ann.left("heard").is_empty());
    assert_eq!(ann.quit(), Some(0));
}

/// The story with a Python server.
pub(crate) fn python_server_over(version: Version, connect: fn(Connect) -> Connect, options: &[&str]) {
    let options: Vec<&str> = ["--motd", "welcome"].iter().chain(options).copied().collect();
    let (mut server, port) = Python::server(version, "chat_server.py", &options);
    let endpoint = || connect(Tcp::connect(format!("127.0.0.1:{port}")));
    let [ann, bob, eve] = [(); 3].map(|()| Ours::client_of(endpoint(), talking_client));
    let motd = ann.event(|_: &magicnet::MotdReceived| true).motd;
    assert_eq!(motd.as_deref(), Some("welcome"));

    ann.run(|n| n.send_to_all(SetName { name: text("Ann") }));
    server.tells(&json!({"event": "named", "name": "Ann"}));
    ann.run(|n| {
        n.send_to_all(Say {
            text: text("Guten Tag, 世界"),
        });
    });
    ann.hears("reversed 界世 ,gaT netuG");
    bob.hears("Ann: Guten Tag, 世界");
    eve.hears("Ann: Guten Tag, 世界");

    eve.run(|n| n.send_to_all(Say { text: text("psst") }));
    let ended = eve.event(|_: &Disconnected| true);
    assert_eq!(
        ended.ending,
        Ending::ByPeer {
            reason: DisconnectReason(10),
            detail: Some("MsgCustom requires a username!".to_owned())
        }
    );
    bob.run(|n| n.send_to_all(SetName { name: text("Bob") }));
    bob.run(|n| n.send_to_all(Say { text: text("bye") }));
    bob.hears("reversed eyb");
    ann.hears("Bob: bye");
}
