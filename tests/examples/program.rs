//! An example as its user sees it: a program with an input, an output and an exit code.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// A running example.
pub(crate) struct Program {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    /// What it prints and logs.
    lines: Receiver<String>,
    /// What of that was read here, for those who look into a failure.
    read: Vec<String>,
}

impl Program {
    /// Starts `number_client --zones 1`.
    pub(crate) fn start(command: &str) -> Self {
        let mut words = command.split_whitespace();
        let example = words.next().expect("a command names an example");
        let mut child = Command::new(executable(example))
            .args(words)
            .env_remove("RUST_LOG")
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command} does not start: {error}"));
        let (sender, lines) = channel();
        forward(child.stdout.take().expect("it was asked for"), sender.clone());
        forward(child.stderr.take().expect("it was asked for"), sender);
        Self { name: command.to_owned(), input: child.stdin.take(), child, lines, read: Vec::new() }
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("its input has not ended");
        writeln!(input, "{line}").unwrap_or_else(|error| panic!("{}: {error}", self.name));
    }

    /// Reads on until a line contains `text`, and gives that line.
    pub(crate) fn expect(&mut self, text: &str) -> String {
        loop {
            let Some(line) = self.next_line() else {
                self.fail(&format!("ended without saying {text:?}"));
            };
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Reads on until a line contains `text`, and gives the address that stands behind it.
    pub(crate) fn expect_address(&mut self, text: &str) -> String {
        let line = self.expect(text);
        let (_, behind) = line.split_once(text).expect("the line contains it");
        let address = behind.trim_start().split([' ', ':']).take(2).collect::<Vec<_>>().join(":");
        assert!(!address.ends_with(":0"), "{line}");
        address
    }

    /// Ends its input and waits for its own end.
    pub(crate) fn end_input(mut self) -> Ended {
        self.input = None;
        self.end()
    }

    /// Presses Ctrl-C and waits for its end.
    pub(crate) fn interrupt(self) -> Ended {
        let pressed = Command::new("sh")
            .args(["-c", &format!("kill -INT {}", self.child.id())])
            .status()
            .expect("there is a shell");
        assert!(pressed.success());
        self.end()
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        while self.next_line().is_some() {}
        let status = self.child.wait().expect("it was started here");
        Ended { code: status.code(), output: self.read.join("\n") }
    }

    fn next_line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.read.push(line.clone());
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => self.fail("says nothing any more"),
        }
    }

    fn fail(&self, what: &str) -> ! {
        panic!("{} {what}; before that:\n{}", self.name, self.read.join("\n"));
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is left of a program.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit code; nothing if a signal ended it.
    pub(crate) code: Option<i32>,
    /// All that it printed and logged.
    pub(crate) output: String,
}

/// How long a silence is taken for work. Far beyond what anything takes here: it ends a run that would hang.
const PATIENCE: Duration = Duration::from_secs(60);

fn forward(stream: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
}

/// The example as `cargo test --workspace` has built it. Where it has not, because this test was asked for alone, it
/// is built now.
fn executable(example: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let this = env::current_exe().expect("the system knows this executable");
        let profile = this.parent().and_then(Path::parent).expect("it lies in PROFILE/deps");
        let folder = profile.join("examples");
        if !folder.join(with_suffix("number_server")).exists() {
            build(profile);
        }
        folder
    });
    folder.join(with_suffix(example))
}

fn with_suffix(example: &str) -> String {
    format!("{example}{}", env::consts::EXE_SUFFIX)
}

fn build(profile: &Path) {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--package", "magicnet-examples", "--examples"]);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    if let Some(target) = profile.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(built.is_ok_and(|status| status.success()), "the examples cannot be built");
}
