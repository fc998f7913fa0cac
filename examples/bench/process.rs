//! Servers in processes of their own, and what they cost.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use anyhow::{Context, bail};

use crate::load::Place;
use crate::machine;

/// A server that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    place: Place,
}

impl Server {
    /// Starts this program again as the server `kind`.
    pub(crate) fn start(kind: &str, options: &[String]) -> anyhow::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg("serve").arg(kind).args(options);
        Self::that_says_where(command)
    }

    /// Starts a program whose first line of output is `listening ADDRESS`, and which ends with its input.
    pub(crate) fn that_says_where(mut command: Command) -> anyhow::Result<Self> {
        // Its input is a pipe that ends with this process, however that ends.
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut server = Self { child, place: Place::Tcp(anywhere()) };
        let output = server.child.stdout.take().context("the output was piped")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let Some(address) = line.trim().strip_prefix("listening ") else {
            bail!("it said {line:?}, not where it listens");
        };
        server.place = address.parse()?;
        Ok(server)
    }

    /// Starts a program that is told where to listen: `command` gets a free port.
    pub(crate) fn that_is_told_where(command: impl FnOnce(u16) -> Command) -> anyhow::Result<Self> {
        // Free for now: nobody else can be kept from taking it before the program does.
        let address = TcpListener::bind(anywhere())?.local_addr()?;
        let mut command = command(address.port());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut server = Self { child, place: Place::Tcp(address) };
        let begin = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!("it ended: {status}");
            }
            if begin.elapsed() > PATIENCE {
                bail!("it does not listen at {address} after {PATIENCE:?}");
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// The time that its threads have spent on a processor.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        machine::cpu(&self.proc())
    }

    /// The bytes of memory that belong to it alone.
    pub(crate) fn memory(&self) -> anyhow::Result<u64> {
        machine::memory(&self.proc())
    }

    fn proc(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.child.id()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(10);
