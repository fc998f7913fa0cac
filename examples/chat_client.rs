//! Joins the chat: says who it is, then sends what it reads, line by line, and prints what comes back.
//!
//!     cargo run --release --example chat_client
//!
//! Another address is named by `--connect`, as `chat_server` logs it, and whoever has signed the certificate of a
//! server behind `tls://`, `wss://` or `udp://` by `--authority`, if its address names no fingerprint.
//!
//! It takes part in `chat_server`'s chat, and in that of Python MagicNet's `b_server.py`. Its exit code is 1 if the
//! server is lost or ends the connection, and 0 if the server shuts down or the input ends.

use std::process::ExitCode;
use std::sync::mpsc;

use examples::chat::{Heard, Reversed, Say, SetName};
use examples::console::{self, Lines};
use examples::options::Options;
use examples::stack;
use magicnet::prelude::*;
use magicnet::{Disconnected, MotdReceived, Node};

#[message_handler]
fn reversed(_cx: &mut MessageCx<'_>, message: Reversed) {
    println!("Reversed message: {}", message.text);
}

#[message_handler]
fn heard(_cx: &mut MessageCx<'_>, message: Heard) {
    println!("{} said: {}", message.name, message.text);
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let options =
        Options::read("chat_client", "[--connect ADDR] [--authority FILE] [--stack tokio|threads|poll]");
    console::start_logs(&options, "warn");

    let (ended, ending) = mpsc::channel();
    let client = Node::client()
        .handler::<reversed>()
        .handler::<heard>()
        .message::<SetName>()
        .message::<Say>()
        .on(|_, event: MotdReceived| println!("{}", event.motd.unwrap_or_default()))
        .on(move |cx, event: Disconnected| {
            println!("Goodbye: {}", event.ending);
            // Nobody is left to ask if the program is on its way out.
            let _ = ended.send(event.ending);
            cx.shutdown();
        })
        .connect(options.connect("127.0.0.1:5000")?);
    let mut client = stack::start(&options, client).await?;
    let node = client.handle();
    let server = node.connected().await?;
    println!("Successfully connected! Enter your username:");

    let mut lines = Lines::start();
    if let Some(line) = lines.next(&mut client).await {
        let name = Str::truncated(line.trim());
        node.run(move |cx| cx.send(server, SetName { name })).await?;
        println!("Username successfully set! What you say now goes to everybody:");
    }
    while let Some(line) = lines.next(&mut client).await {
        let text = Str::truncated(line.trim());
        node.run(move |cx| cx.send(server, Say { text })).await?;
    }
    client.shutdown().await?;
    Ok(console::exit_code(ending.try_recv().ok()))
}
