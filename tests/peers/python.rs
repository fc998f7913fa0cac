//! Python peers: processes that take commands by lines and tell events as JSON lines. `python/peer.py` says which.

use std::collections::VecDeque;
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use magicnet_tests::PATIENCE;
use serde_json::Value as Json;

/// A version of the Python library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    V003,
    V007,
}

impl Version {
    fn interpreter(self) -> String {
        let name = match self {
            Self::V003 => "MAGICNET_PYTHON_003",
            Self::V007 => "MAGICNET_PYTHON_007",
        };
        std::env::var(name)
            .unwrap_or_else(|_| panic!("{name} is not set: tests/run makes the environments and sets it"))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V003 => "0.0.3",
            Self::V007 => "0.0.7",
        })
    }
}

/// A process with a Python peer; it ends with this.
pub(crate) struct Python {
    child: Child,
    commands: Option<ChildStdin>,
    lines: Receiver<String>,
    /// What it says on its standard error, which is shown if the test fails.
    complaints: Receiver<String>,
    /// Events that came before one that was waited for.
    waiting: VecDeque<Json>,
    name: String,
}

impl Python {
    /// Starts a script of the folder `python`.
    pub(crate) fn start(version: Version, script: &str, options: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/python");
        let mut child = Command::new(version.interpreter())
            .arg(folder.join(script))
            .args(options)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the interpreter starts");
        let lines = lines_of(child.stdout.take().expect("it is piped"));
        let complaints = lines_of(child.stderr.take().expect("it is piped"));
        Self {
            commands: child.stdin.take(),
            child,
            lines,
            complaints,
            waiting: VecDeque::new(),
            name: format!("{script} with magicnet {version}"),
        }
    }

    /// A server, and the port that it listens on.
    pub(crate) fn server(version: Version, script: &str, options: &[&str]) -> (Self, u16) {
        let mut server = Self::start(version, script, options);
        let port = server.event("listening")["port"].as_u64();
        let port = port.and_then(|port| port.try_into().ok()).expect("a port is a u16");
        (server, port)
    }

    /// A client of the server at `port`, not waited for.
    pub(crate) fn client(version: Version, script: &str, port: u16, options: &[&str]) -> Self {
        let port = port.to_string();
        let options: Vec<&str> = ["--port", &port].iter().chain(options).copied().collect();
        Self::start(version, script, &options)
    }

    /// A client that has shaken hands, and the repository that it got.
    pub(crate) fn ready_client(version: Version, script: &str, port: u16, options: &[&str]) -> (Self, u32) {
        let mut client = Self::client(version, script, port, options);
        let repository = client.event("ready")["repository"].as_u64();
        let repository = repository.and_then(|number| number.try_into().ok());
        (client, repository.expect("a repository is a u32"))
    }

    /// Sends a command.
    pub(crate) fn command(&mut self, line: &str) {
        let commands = self.commands.as_mut().expect("it has not been told to end");
        writeln!(commands, "{line}").unwrap_or_else(|error| panic!("{}: `{line}`: {error}", self.name));
    }

    /// The next line, for scripts that tell no events.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{} said nothing", self.name))
    }

    /// The next event of this name; others wait.
    pub(crate) fn event(&mut self, name: &str) -> Json {
        self.find(name, |event| event["event"] == name)
    }

    /// The next event of one of these names; others wait.
    pub(crate) fn event_of(&mut self, names: &[&str]) -> Json {
        self.find(&names.join(" or "), |event| names.iter().any(|name| event["event"] == *name))
    }

    /// The next event that is this one; others wait.
    pub(crate) fn tells(&mut self, event: &Json) {
        self.find(&event.to_string(), |known| known == event);
    }

    fn find(&mut self, what: &str, is_wanted: impl Fn(&Json) -> bool) -> Json {
        if let Some(place) = self.waiting.iter().position(&is_wanted) {
            return self.waiting.remove(place).expect("it was found there");
        }
        loop {
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                panic!("{} did not tell {what}, but {:#?}", self.name, self.waiting);
            };
            let event = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{} said {line}", self.name));
            if is_wanted(&event) {
                return event;
            }
            self.waiting.push_back(event);
        }
    }

    /// Takes the events of this name that have come and were not waited for.
    pub(crate) fn left(&mut self, name: &str) -> Vec<Json> {
        let (left, others) = self.waiting.drain(..).partition(|event| event["event"] == name);
        self.waiting = others;
        Vec::from_iter::<VecDeque<Json>>(left)
    }

    /// Ends in the library's way; returns its exit code.
    pub(crate) fn quit(mut self) -> Option<i32> {
        self.command("quit");
        drop(self.commands.take());
        self.child.wait().expect("it can be waited for").code()
    }
}

/// What a process says, as it says it.
fn lines_of(output: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, lines) = channel();
    thread::spawn(move || {
        let lines = BufReader::new(output).lines();
        // Until the process ends, or nobody listens any more.
        lines.map_while(Result::ok).all(|line| tell.send(line).is_ok())
    });
    lines
}

impl Drop for Python {
    #[expect(clippy::print_stderr, reason = "it says why a test fails")]
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("{} complained:", self.name);
            self.complaints.iter().for_each(|line| eprintln!("    {line}"));
        }
    }
}
