//! The networking stacks that the chat and the numbers may run on: `--stack tokio`, `threads` or `poll`. What runs is
//! the same on each.

use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use magicnet::{LocalEndpoint, Node, NodeBuilder, NodeHandle, Time};
use tokio::sync::oneshot;

use crate::options::Options;

/// What turns a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stack {
    Tokio,
    Threads,
    Poll,
}

impl FromStr for Stack {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        match name {
            "tokio" => Ok(Self::Tokio),
            "threads" => Ok(Self::Threads),
            "poll" => Ok(Self::Poll),
            other => bail!("there is no stack `{other}`: write tokio, threads or poll"),
        }
    }
}

/// A node that runs, whatever turns it.
pub struct Started {
    node: NodeHandle,
    local: Vec<LocalEndpoint>,
    /// Tells how it ended; silent if what turned it panicked.
    ending: oneshot::Receiver<anyhow::Result<()>>,
    ended: Option<anyhow::Result<()>>,
}

/// Starts a node on the stack that `--stack` names; on tokio, if it says nothing.
pub async fn start(options: &Options, node: NodeBuilder) -> anyhow::Result<Started> {
    let stack = options.value("--stack").unwrap_or("tokio").parse()?;
    let started = start_on(stack, FRAME, node).await?;
    for endpoint in started.local_endpoints() {
        tracing::info!("listening on {endpoint}");
    }
    Ok(started)
}

/// Starts a node on a stack; `Poll` ticks it once in a `frame`.
pub async fn start_on(stack: Stack, frame: Duration, node: NodeBuilder) -> anyhow::Result<Started> {
    match stack {
        Stack::Tokio => on_tokio(node).await,
        Stack::Threads => on_a_thread(node),
        Stack::Poll => in_a_loop(node.build()?, frame),
    }
}

impl Started {
    fn new(node: NodeHandle, local: &[LocalEndpoint], ending: oneshot::Receiver<anyhow::Result<()>>) -> Self {
        Self { node, local: local.to_vec(), ending, ended: None }
    }

    /// The way in.
    pub fn handle(&self) -> NodeHandle {
        self.node.clone()
    }

    /// Where it listens.
    pub fn local_endpoints(&self) -> &[LocalEndpoint] {
        &self.local
    }

    /// Waits until it has stopped.
    pub async fn stopped(&mut self) {
        if self.ended.is_none() {
            let ended = (&mut self.ending).await;
            self.ended = Some(ended.context("what turned the node panicked").flatten());
        }
    }

    /// Shuts it down and waits for its end.
    pub async fn shutdown(mut self) -> anyhow::Result<()> {
        // It may have ended by itself.
        let _ = self.node.shutdown();
        self.stopped().await;
        self.ended.unwrap_or(Ok(()))
    }
}

async fn on_tokio(node: NodeBuilder) -> anyhow::Result<Started> {
    let (tell, ending) = oneshot::channel();
    let mut running = node.start().await?;
    let started = Started::new(running.handle(), running.local_endpoints(), ending);
    tokio::spawn(async move {
        running.stopped().await;
        // Nobody asks any more if the program is on its way out; the same below.
        let _ = tell.send(Ok(()));
    });
    Ok(started)
}

fn on_a_thread(node: NodeBuilder) -> anyhow::Result<Started> {
    let (tell, ending) = oneshot::channel();
    let mut running = node.start_blocking()?;
    let started = Started::new(running.handle(), running.local_endpoints(), ending);
    thread::spawn(move || {
        running.stopped();
        let _ = tell.send(Ok(()));
    });
    Ok(started)
}

/// A node that is ticked in a rhythm, as a game would.
fn in_a_loop(mut node: Node, frame: Duration) -> anyhow::Result<Started> {
    let (tell, ending) = oneshot::channel();
    let start = Instant::now();
    // The first tick opens the endpoints.
    node.tick(Time::ZERO)?;
    let started = Started::new(node.handle(), node.local_endpoints(), ending);
    thread::spawn(move || drop(tell.send(tick(node, start, frame))));
    Ok(started)
}

/// A fixed rhythm: a frame that took too long makes the next one begin at once, and no more than that.
fn tick(mut node: Node, start: Instant, frame: Duration) -> anyhow::Result<()> {
    let mut next = start;
    while !node.is_finished() {
        node.tick(Time::after_start(start.elapsed()))?;
        next = (next + frame).max(Instant::now());
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    Ok(())
}

/// How often the examples tick: sixty times a second.
const FRAME: Duration = Duration::from_nanos(16_666_667);
