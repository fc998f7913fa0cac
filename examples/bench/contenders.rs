//! Who takes part: our server, those that it is compared with, and what package registries offer, where that is
//! installed.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::load::pubsub::{Dialect, NATS, REDIS};
use crate::load::{Swarm, v3};
use crate::process::Server;

/// A kind of server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A node of this library, under a name, with options of its own.
    Ours(&'static str, Vec<String>),
    /// A hand-tuned MagicNet server without any check.
    Ideal,
    /// Bytes to everybody, unread.
    Relay,
    /// Frames back to the sender.
    Echo,
    /// Messages of WebSockets to everybody, unread.
    Hub,
    /// Bytes to everybody, unread, over QUIC.
    Quinn,
    /// Python MagicNet 0.0.7, by its interpreter.
    Python(PathBuf),
    /// nats-server, by its path.
    Nats(PathBuf),
    /// redis-server, by its path.
    Redis(PathBuf),
}

impl Kind {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ours(name, _) => name,
            Self::Ideal => "ideal",
            Self::Relay => "relay",
            Self::Echo => "echo",
            Self::Hub => "hub",
            Self::Quinn => "quinn",
            Self::Python(_) => "python",
            Self::Nats(_) => "nats",
            Self::Redis(_) => "redis",
        }
    }

    /// Starts one. `options` are for programs of this crate.
    pub(crate) fn start(&self, options: &[String]) -> anyhow::Result<Server> {
        let started = match self {
            Self::Python(interpreter) => {
                let mut command = Command::new(interpreter);
                command.args(["-c", include_str!("servers/number_server.py")]);
                Server::that_says_where(command)
            }
            Self::Nats(program) => Server::that_is_told_where(|port| {
                let mut command = Command::new(program);
                command.args(["-a", "127.0.0.1", "-p", &port.to_string()]);
                command
            }),
            Self::Redis(program) => Server::that_is_told_where(|port| {
                let mut command = Command::new(program);
                // Nothing is written to the disk.
                command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""]);
                command.args(["--maxclients", "100000"]);
                command
            }),
            Self::Ours(_, own) => Server::start("ours", &[own, options].concat()),
            Self::Ideal | Self::Relay | Self::Echo | Self::Hub | Self::Quinn => {
                Server::start(self.name(), options)
            }
        };
        started.with_context(|| format!("the server `{}` did not start", self.name()))
    }

    /// How it is spoken to, if it is a server of subjects and subscribers.
    pub(crate) fn dialect(&self) -> Option<Dialect> {
        match self {
            Self::Nats(_) => Some(NATS),
            Self::Redis(_) => Some(REDIS),
            _ => None,
        }
    }

    /// Connects a peer that hears what is said, in `zones` if the server has them, and returns its number and its
    /// repository, if there is one.
    pub(crate) fn join(
        &self,
        swarm: &mut Swarm,
        server: &Server,
        zones: &[u32],
    ) -> anyhow::Result<(usize, u32)> {
        let at = server.place();
        match (self, self.dialect()) {
            (_, Some(dialect)) => Ok((dialect.subscribe(swarm, at)?, 0)),
            (Self::Relay | Self::Echo | Self::Hub | Self::Quinn, _) => Ok((swarm.connect(at)?, 0)),
            _ => v3::join(swarm, at, zones),
        }
    }
}

/// The programs of others that are installed here, and a line for each that is not.
pub(crate) fn foreign() -> (Vec<Kind>, Vec<String>) {
    let others = [
        ("nats", program("nats-server").map(Kind::Nats), "install nats-server, on Debian by apt-get"),
        ("redis", program("redis-server").map(Kind::Redis), "install redis-server, on Debian by apt-get"),
        (
            "python",
            python().map(Kind::Python),
            "`tests/run python` makes its environment; or name an interpreter that has magicnet 0.0.7 in \
             MAGICNET_PYTHON_007",
        ),
    ];
    let (mut present, mut absent) = (Vec::new(), Vec::new());
    for (name, kind, how) in others {
        match kind {
            Some(kind) => present.push(kind),
            None => absent.push(format!("{name} takes no part: {how}")),
        }
    }
    (present, absent)
}

/// Where a program is. Servers are often where only administrators look.
fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// An interpreter that has the Python library: the one that was named, or that of the tests.
fn python() -> Option<PathBuf> {
    let named = env::var_os("MAGICNET_PYTHON_007").map(PathBuf::from);
    let made = || {
        // This program is `target/release/examples/bench`.
        let program = env::current_exe().ok()?;
        program.ancestors().map(|folder| folder.join("python/0.0.7/bin/python")).find(|file| file.is_file())
    };
    named.or_else(made)
}
