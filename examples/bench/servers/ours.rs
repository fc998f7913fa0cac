//! A node of this crate, as an application would have it: with zones and every check on, under tokio and over TCP
//! unless it is told otherwise.

use std::future::pending;
use std::time::Duration;
use std::{env, process};

use anyhow::bail;
use examples::number::one_number;
use examples::stack::{self, Stack};
use magicnet::prelude::*;
use magicnet::{Flush, Limits, Listen, Node, NodeBuilder, Rate};

use crate::arguments::Arguments;
use crate::contract::{Ping, Pong, mover};

#[derive(Default)]
struct NumberServer;

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

#[derive(Default)]
struct MoverServer;

#[network_object]
impl mover::Server for MoverServer {
    fn move_to(&mut self, cx: &mut mover::ServerCx<'_, Self>, place: (u32, f32, f32)) {
        cx.state_mut().place = place;
    }
}

#[message_handler]
fn ping(cx: &mut MessageCx<'_>, ping: Ping) {
    cx.reply(Pong { payload: ping.payload });
}

pub(super) fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(node(arguments)?, arguments))
}

/// Whether it can be what it is told to be.
pub(super) fn check(arguments: &Arguments) -> anyhow::Result<()> {
    let (_stack, _node) = (stack(arguments)?, node(arguments)?.build()?);
    Ok(())
}

fn node(arguments: &Arguments) -> anyhow::Result<NodeBuilder> {
    let node = Node::server()
        .zones(Zones::ClientChosen)
        .limits(limits())
        .edges(arguments.number("--edges")?.unwrap_or(1))
        .flush(flush(arguments.value("--flush").unwrap_or("natural"))?)
        .listen(listen(arguments.value("--over").unwrap_or("tcp"))?);
    Ok(match arguments.value("--app").unwrap_or("number") {
        "mover" => node.view::<MoverServer>(),
        "ping" => node.handler::<ping>().message::<Pong>(),
        _ => node.view::<NumberServer>(),
    })
}

fn stack(arguments: &Arguments) -> anyhow::Result<Stack> {
    arguments.value("--stack").unwrap_or("tokio").parse()
}

/// Anywhere on this machine.
fn listen(carrier: &str) -> anyhow::Result<Listen> {
    let address = match carrier {
        "unix" => format!("unix://{}/magicnet-bench-{}", env::temp_dir().display(), process::id()),
        carrier => format!("{carrier}://127.0.0.1:0"),
    };
    Ok(address.parse()?)
}

/// Every limit is looked at, but one connection may say here what a thousand do elsewhere.
fn limits() -> Limits {
    let plenty = Rate::per_second(500_000_000);
    let mut limits = Limits::default();
    (limits.bytes, limits.messages, limits.queued_bytes) = (plenty, plenty, plenty);
    limits.objects_per_connection = usize::MAX;
    limits
}

fn flush(when: &str) -> anyhow::Result<Flush> {
    match (when, when.strip_suffix("ms").map(str::parse)) {
        ("natural", _) => Ok(Flush::Natural),
        ("at-once", _) => Ok(Flush::AtOnce),
        (_, Some(Ok(millis))) => Ok(Flush::every(Duration::from_millis(millis))),
        _ => bail!("--flush takes natural, at-once, or a time such as 50ms"),
    }
}

async fn run(node: NodeBuilder, arguments: &Arguments) -> anyhow::Result<()> {
    let mut zones = super::filled(arguments)?;
    let serving = stack::start_on(stack(arguments)?, FRAME, node).await?;
    serving
        .handle()
        .run(move |cx| {
            zones.try_for_each(|zone| cx.create::<one_number::Contract>().zone(zone).send().map(drop))
        })
        .await??;
    super::announce(&serving.local_endpoints()[0]);
    pending().await
}

/// How often a node is ticked that polls. At the sixty times of most games there would be nothing to measure for most
/// of the time.
const FRAME: Duration = Duration::from_millis(1);
