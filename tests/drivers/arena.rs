//! Where nodes meet: what a story needs of a driver.

use std::io::{self, Write};

use magicnet::{NodeBuilder, NodeCx};

use crate::diary::Diary;

/// Nodes under one driver, connected in one way.
pub(crate) trait Arena {
    /// A node that runs here.
    type Node;
    /// The far end of a connection that the test plays itself.
    type Raw: FarEnd;

    /// Starts a server that can be reached by [`DOORS`] endpoints.
    fn serve(&mut self, server: NodeBuilder) -> Self::Node;

    /// Starts a client that connects to the server by one of its doors, or says that nobody answered.
    fn join(&mut self, client: NodeBuilder, door: usize) -> Result<Self::Node, Refused>;

    /// Connects to the server without a node.
    fn raw(&mut self, door: usize) -> Self::Raw;

    /// Does something with a node.
    fn run<R, F>(&mut self, node: &Self::Node, act: F) -> R
    where
        R: Send + 'static,
        F: FnOnce(&mut NodeCx<'_>) -> R + Send + 'static;

    /// Lets everything run until something is in the diary.
    fn wait(&mut self, diary: &Diary, what: &str, done: &dyn Fn(&[String]) -> bool);

    /// Lets everything run until a node has stopped of itself.
    fn wait_stopped(&mut self, node: Self::Node);

    /// Shuts a node down and waits for its end.
    fn stop(&mut self, node: Self::Node);

    /// Waits for a line.
    fn wait_for(&mut self, diary: &Diary, line: &str) {
        self.wait(diary, line, &|lines| lines.iter().any(|known| known == line));
    }

    /// Waits until there are `count` lines that end in `end`.
    fn wait_for_many(&mut self, diary: &Diary, count: usize, end: &str) {
        let what = format!("{count} lines that end in `{end}`");
        self.wait(diary, &what, &|lines| lines.iter().filter(|line| line.ends_with(end)).count() >= count);
    }
}

/// The far end of a connection without a node. What is written to it as [`Write`] are whole frames, one at a time.
pub(crate) trait FarEnd: Write {
    /// Begins a frame of so many bytes.
    fn begin_frame(&mut self, len: u16) -> io::Result<()>;

    /// The next byte of a frame that was begun.
    fn dribble(&mut self, byte: u8) -> io::Result<()>;
}

/// How many endpoints each server has.
pub(crate) const DOORS: usize = 2;

/// Nobody listens.
#[derive(Debug)]
pub(crate) struct Refused;
