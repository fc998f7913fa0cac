//! The networking stacks that a server of the examples may run on: `--stack tokio`, `threads` or `poll`. The server is
//! the same on each.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use magicnet::{LocalEndpoint, Node, NodeBuilder, NodeHandle, Running, RunningThread, Time};

use crate::options::Options;

/// A server that runs.
pub enum Serving {
    Tokio(Running),
    Threads(RunningThread),
    Poll(GameLoop),
}

/// A node that is ticked in a rhythm, as a game would.
pub struct GameLoop {
    node: NodeHandle,
    local: Vec<LocalEndpoint>,
    thread: JoinHandle<anyhow::Result<()>>,
}

/// Starts a server on the stack that `--stack` names; on tokio, if it says nothing.
pub async fn start(options: &Options, server: NodeBuilder) -> anyhow::Result<Serving> {
    let serving = start_on(options.value("--stack").unwrap_or("tokio"), FRAME, server).await?;
    for endpoint in serving.local_endpoints() {
        tracing::info!("listening on {endpoint}");
    }
    Ok(serving)
}

/// Starts a server on a stack by its name; `poll` ticks it once in a `frame`.
pub async fn start_on(stack: &str, frame: Duration, server: NodeBuilder) -> anyhow::Result<Serving> {
    Ok(match stack {
        "tokio" => Serving::Tokio(server.start().await?),
        "threads" => Serving::Threads(server.start_blocking()?),
        "poll" => Serving::Poll(GameLoop::start(server.build()?, frame)?),
        other => bail!("there is no stack `{other}`: write tokio, threads or poll"),
    })
}

impl Serving {
    /// The way to its node.
    pub fn handle(&self) -> NodeHandle {
        match self {
            Self::Tokio(running) => running.handle(),
            Self::Threads(running) => running.handle(),
            Self::Poll(game) => game.node.clone(),
        }
    }

    /// Where it listens.
    pub fn local_endpoints(&self) -> &[LocalEndpoint] {
        match self {
            Self::Tokio(running) => running.local_endpoints(),
            Self::Threads(running) => running.local_endpoints(),
            Self::Poll(game) => &game.local,
        }
    }

    /// Shuts it down and waits for its end.
    pub async fn shutdown(self) -> anyhow::Result<()> {
        match self {
            Self::Tokio(running) => running.shutdown().await,
            Self::Threads(running) => running.shutdown(),
            Self::Poll(game) => return game.shutdown(),
        }
        Ok(())
    }
}

impl GameLoop {
    fn start(mut node: Node, frame: Duration) -> anyhow::Result<Self> {
        let start = Instant::now();
        // The first tick opens the endpoints.
        node.tick(Time::ZERO)?;
        let (handle, local) = (node.handle(), node.local_endpoints().to_vec());
        Ok(Self { node: handle, local, thread: thread::spawn(move || tick(node, start, frame)) })
    }

    fn shutdown(self) -> anyhow::Result<()> {
        // It may have ended by itself.
        let _ = self.node.shutdown();
        self.thread.join().ok().context("the game's thread panicked")?
    }
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
