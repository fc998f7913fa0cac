//! What happened, in order, written by handlers on whatever thread they run.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A list of lines that can be waited for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diary(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    lines: Mutex<Vec<String>>,
    changed: Condvar,
}

/// One node's way to write into a diary; every line begins with its name.
#[derive(Clone, Debug)]
pub(crate) struct Pen {
    name: String,
    diary: Diary,
}

impl Diary {
    pub(crate) fn pen(&self, name: impl Into<String>) -> Pen {
        Pen { name: name.into(), diary: self.clone() }
    }

    /// A copy of all lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lock().clone()
    }

    /// The lines of one node, without its name.
    pub(crate) fn of(&self, name: &str) -> Vec<String> {
        let start = format!("{name}: ");
        let lines = self.lock();
        lines.iter().filter_map(|line| line.strip_prefix(&start)).map(str::to_owned).collect()
    }

    pub(crate) fn holds(&self, done: &dyn Fn(&[String]) -> bool) -> bool {
        done(&self.lock())
    }

    /// Waits for other threads to write what is waited for.
    #[track_caller]
    pub(crate) fn wait(&self, what: &str, done: &dyn Fn(&[String]) -> bool) {
        let lines = self.lock();
        let waited = self.0.changed.wait_timeout_while(lines, PATIENCE, |lines| !done(lines));
        let (lines, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "never happened: {what}\n{}", tail(&lines));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pen {
    pub(crate) fn write(&self, line: impl AsRef<str>) {
        let line = format!("{}: {}", self.name, line.as_ref());
        self.diary.lock().push(line);
        self.diary.0.changed.notify_all();
    }
}

/// The end of a diary, for messages of tests that fail.
pub(crate) fn tail(lines: &[String]) -> String {
    let skipped = lines.len().saturating_sub(40);
    lines[skipped..].join("\n")
}

/// A test that takes longer is broken, whatever the machine.
const PATIENCE: Duration = Duration::from_secs(60);
