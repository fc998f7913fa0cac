//! An example as its user sees it: a program with an input, an output and an exit code.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// A running example.
pub(crate) struct Program {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    /// The two are apart, because nothing says in which order they belong.
    printed: Lines,
    logged: Lines,
}

impl Program {
    /// Starts `number_client --zones 1`.
    pub(crate) fn start(command: &str) -> Self {
        let mut words = command.split_whitespace();
        let example = words.next().expect("a command names an example");
        Self::spawn(command, Command::new(executable(example)).args(words))
    }

    /// Starts something else than an example; `name` is what it is called when it fails.
    pub(crate) fn spawn(name: &str, command: &mut Command) -> Self {
        let mut child = command
            .env_remove("RUST_LOG")
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        Self {
            name: name.to_owned(),
            input: child.stdin.take(),
            printed: Lines::of(child.stdout.take().expect("it was asked for")),
            logged: Lines::of(child.stderr.take().expect("it was asked for")),
            child,
        }
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("its input has not ended");
        writeln!(input, "{line}").unwrap_or_else(|error| panic!("{}: {error}", self.name));
    }

    /// Waits until it prints a line that contains `text`, and gives that line.
    pub(crate) fn expect(&mut self, text: &str) -> String {
        let found = self.printed.find(text);
        found.unwrap_or_else(|| self.fail(&format!("does not print {text:?}")))
    }

    /// Waits until it logs a line that contains `text`, and gives that line.
    pub(crate) fn expect_log(&mut self, text: &str) -> String {
        let found = self.logged.find(text);
        found.unwrap_or_else(|| self.fail(&format!("does not log {text:?}")))
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
        if !(self.printed.drain() && self.logged.drain()) {
            self.fail("does not end");
        }
        let status = self.child.wait().expect("it was started here");
        Ended {
            code: status.code(),
            printed: self.printed.read.join("\n"),
            logged: self.logged.read.join("\n"),
        }
    }

    fn fail(&self, what: &str) -> ! {
        let Self { name, printed, logged, .. } = self;
        panic!(
            "{name} {what}\n-- it printed\n{}\n-- it logged\n{}",
            printed.read.join("\n"),
            logged.read.join("\n")
        );
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
    /// All that it printed.
    pub(crate) printed: String,
    /// All that it logged, with what it said of errors.
    pub(crate) logged: String,
}

/// The address behind `text` in a line: `listening on 127.0.0.1:5001`.
pub(crate) fn address(line: &str, text: &str) -> String {
    let (_, behind) = line.split_once(text).expect("the line contains it");
    let words = behind.trim_start_matches(' ');
    let end = words.find(|c: char| c != '.' && c != ':' && !c.is_ascii_digit()).unwrap_or(words.len());
    words[..end].trim_end_matches(':').to_owned()
}

/// The lines of a stream, as they come.
struct Lines {
    coming: Receiver<String>,
    /// Those that have been read.
    read: Vec<String>,
}

impl Lines {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, coming) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { coming, read: Vec::new() }
    }

    /// Reads on until a line contains `text`; nothing if none does.
    fn find(&mut self, text: &str) -> Option<String> {
        loop {
            let line = self.coming.recv_timeout(PATIENCE).ok()?;
            self.read.push(line.clone());
            if line.contains(text) {
                return Some(line);
            }
        }
    }

    /// Reads to the end; whether it came.
    fn drain(&mut self) -> bool {
        loop {
            match self.coming.recv_timeout(PATIENCE) {
                Ok(line) => self.read.push(line),
                Err(error) => return error == RecvTimeoutError::Disconnected,
            }
        }
    }
}

/// How long a silence is taken for work. Far beyond what anything takes here: it ends a run that would hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// The example as `cargo test --workspace` builds it. Where this test was asked for alone it may be missing or old, so
/// cargo is asked for it, which is nothing to do otherwise.
fn executable(example: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let this = env::current_exe().expect("the system knows this executable");
        let profile = this.parent().and_then(Path::parent).expect("it lies in PROFILE/deps");
        let folder = profile.join("examples");
        build(profile);
        folder
    });
    folder.join(with_suffix(example))
}

fn with_suffix(example: &str) -> String {
    format!("{example}{}", env::consts::EXE_SUFFIX)
}

fn build(profile: &Path) {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--workspace", "--examples"]);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    if let Some(target) = profile.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(built.is_ok_and(|status| status.success()), "the examples cannot be built");
}
