//! The terminal: logs on the way out, lines on the way in.

use std::io::{self, IsTerminal};
use std::pin::Pin;
use std::process::ExitCode;
use std::thread;

use magicnet::Ending;
use tokio::signal::ctrl_c;
use tokio::sync::mpsc;
use tracing_subscriber::EnvFilter;

use crate::options::Options;
use crate::stack::Started;

/// Writes logs to the standard error: of this level and above, errors alone after `--quiet`, or as `RUST_LOG` says.
pub fn start_logs(options: &Options, level: &str) {
    let level = if options.has("--quiet") { "error" } else { level };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level)))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .without_time()
        .init();
}

/// What a client tells the shell: 0 if it left, or if its server shut down; 1 if its connection ended otherwise.
pub fn exit_code(ending: Option<Ending>) -> ExitCode {
    match ending {
        None | Some(Ending::Shutdown | Ending::PeerShutdown) => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    }
}

/// The lines of the standard input, until it ends or somebody presses Ctrl-C.
pub struct Lines {
    coming: mpsc::Receiver<String>,
    interrupted: Pin<Box<dyn Future<Output = io::Result<()>>>>,
}

impl Lines {
    /// Begins to read. A thread does it, because a read cannot be taken back when the program wants to end.
    pub fn start() -> Self {
        let (sender, coming) = mpsc::channel(1);
        thread::spawn(move || {
            for line in io::stdin().lines().map_while(Result::ok) {
                if sender.blocking_send(line).is_err() {
                    return;
                }
            }
        });
        Self { coming, interrupted: Box::pin(ctrl_c()) }
    }

    /// The next line; nothing when there are no more, or when the node has stopped.
    pub async fn next(&mut self, node: &mut Started) -> Option<String> {
        tokio::select! {
            line = self.coming.recv() => line,
            _ = &mut self.interrupted => None,
            () = node.stopped() => None,
        }
    }
}
