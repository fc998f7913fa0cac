//! A chat: messages, their handlers, and what a server keeps with a connection.
//!
//!     cargo run --release --example chat_server
//!
//! Then join it from other terminals with `cargo run --release --example chat_client`, or with Python MagicNet's
//! `b_client.py`. With `--listen tcp://127.0.0.1:5000 --listen ws://127.0.0.1:5002` browsers may join as well: open
//! `examples/chat.html`. There are `tls://`, `wss://`, `udp://` and `unix://` too; those that
//! encrypt make a certificate, unless `--certificate chain.pem --key key.pem` say which one to show.

use examples::chat::{Heard, Reversed, Say, SetName};
use examples::options::Options;
use examples::{console, stack};
use magicnet::prelude::*;
use magicnet::{Connected, Disconnected, Node};
use tracing::info;

/// What the server keeps with a connection.
struct Username(Str<16>);

#[message_handler]
fn set_name(cx: &mut MessageCx<'_>, message: SetName) {
    info!("{} set their username: {}", cx.sender().id(), message.name);
    cx.sender_mut().insert(Username(message.name));
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: Say) -> Result<(), Disconnect> {
    let Some(Username(name)) = cx.sender().get() else {
        return Err(Disconnect::new(10, "Say requires a username!"));
    };
    info!("{name} sent: {}", message.text);
    let reversed: String = message.text.chars().rev().collect();
    cx.reply(Reversed { text: reversed.try_into()? });
    cx.to_all_except_sender(Heard { name: name.clone(), text: message.text });
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Options::read(
        "chat_server",
        "[--listen ADDR]... [--certificate FILE] [--key FILE] [--stack tokio|threads|poll] [--quiet] \
         [--manifest FILE]",
    );
    console::start_logs(&options, "info");

    let mut server = Node::server()
        .motd("An example chat")
        .handler::<set_name>()
        .handler::<say>()
        .message::<Reversed>()
        .message::<Heard>()
        .on(|_, event: Connected| info!("{} is here", event.connection))
        .on(|_, event: Disconnected| info!("{} is gone: {}", event.connection, event.ending));
    for endpoint in options.listen("127.0.0.1:5000")? {
        server = server.listen(endpoint);
    }
    options.write_manifest(&server)?;

    let serving = stack::start(&options, server).await?;
    tokio::signal::ctrl_c().await?;
    serving.shutdown().await
}
