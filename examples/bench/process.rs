//! Servers in processes of their own, and what the operating system says of them.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, bail};

/// A server that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts this program again as the server `kind`.
    pub(crate) fn start(kind: &str, options: &[String]) -> anyhow::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg("serve").arg(kind).args(options);
        Self::spawn(command).with_context(|| format!("the server `{kind}` did not start"))
    }

    /// Starts a program whose first line of output is `listening ADDRESS`.
    pub(crate) fn spawn(mut command: Command) -> anyhow::Result<Self> {
        // Its input is a pipe that ends with this process, however that ends; servers watch it.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().context("the output was piped")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let Some(address) = line.trim().strip_prefix("listening ") else {
            bail!("it said {line:?}, not where it listens");
        };
        Ok(Self { address: address.parse()?, child })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The time that its threads have spent on a processor.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let mut total = 0;
        for task in fs::read_dir(self.proc("task"))? {
            let path = task?.path().join("schedstat");
            // A thread may have ended since; what it cost is lost, which no server here does while it is measured.
            let Ok(stat) = fs::read_to_string(path) else { continue };
            total += stat.split_whitespace().next().context("schedstat is empty")?.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(total))
    }

    /// The bytes of memory that belong to it alone: its anonymous resident pages.
    pub(crate) fn memory(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(self.proc("status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).context("no RssAnon")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1024)
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
