//! Numbers that everybody may add to: an object with replicated state, calls, permissions and zones.
//!
//!     cargo run --release --example number_server -- --demo
//!
//! `--demo` brings two clients along, which show what happens and leave again. Then join the server from other
//! terminals with `cargo run --release --example number_client`, or with Python MagicNet's `c_client.py`, which loads
//! the file that `--manifest server-signature.json` writes. With `--zones` clients see the numbers of the zones that
//! they choose, and no others.

mod demo;

use std::future::pending;

use examples::number::one_number;
use examples::options::Options;
use examples::{console, stack};
use magicnet::prelude::*;
use magicnet::{CallRejected, Connected, Disconnected, Node, memory};
use tokio::signal::ctrl_c;
use tracing::{info, warn};

#[derive(Default)]
struct NumberServer;

#[network_object]
impl one_number::Server for NumberServer {
    fn set_init_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, value: i32) {
        info!("{}: new number with value {value}", cx.id());
        cx.state_mut().value = value;
    }

    fn add_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, value: i32) {
        let before = cx.state().value;
        let Some(sum) = before.checked_add(value) else {
            return cx.reject(format!("integer overflow: {before} + {value}"));
        };
        info!("{}: {before} + {value} -> {sum}", cx.id());
        cx.state_mut().value = sum;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let usage = "[--listen ADDR]... [--certificate FILE] [--key FILE] [--stack tokio|threads|poll] [--quiet] \
                 [--zones] [--manifest FILE] [--demo]";
    let options = Options::read("number_server", usage);
    console::start_logs(&options, "info");

    let (port, dial) = memory::port();
    let mut server = Node::server()
        .motd("An example of numbers")
        .view::<NumberServer>()
        .on(|_, event: Connected| info!("{} is here", event.connection))
        .on(|_, event: Disconnected| info!("{} is gone: {}", event.connection, event.ending))
        .on(|_, event: CallRejected| warn!("{}: {}", event.object, event.reason))
        .listen(port);
    for endpoint in options.listen("127.0.0.1:5001")? {
        server = server.listen(endpoint);
    }
    if options.has("--zones") {
        server = server.zones(Zones::ClientChosen);
    }
    options.write_manifest(&server)?;

    let serving = stack::start(&options, server).await?;
    let address = serving.local_endpoints()[0].clone();
    let story = async {
        if options.has("--demo") {
            demo::play(dial).await?;
            println!("That was the demo. The server goes on at {address}: join it, or end it with Ctrl-C.");
        }
        pending::<anyhow::Result<()>>().await
    };
    tokio::select! {
        failed = story => failed?,
        interrupted = ctrl_c() => interrupted?,
    }
    serving.shutdown().await
}
