//! An edge whose world is in another thread: passes on what it hears, and does what it is told.

use std::sync::Arc;
use std::task::Waker;

use super::exchange::Bell;
use super::{Line, Load};
use crate::edge::{ConnectionConfig, Edge, EdgeConfig, Parting, Reserved, Transmit};
use crate::line::{ConnectionId, HandleUpstream, Names, News, Turn, Upstream};
use crate::time::Time;

/// A part of a node that owns connections. Its words are those of [`Node`](crate::Node), and so is its contract.
#[derive(Debug)]
pub(crate) struct Part {
    edge: Edge,
    names: Names,
    line: Line,
    bell: Arc<Bell>,
    voice: Voice,
    /// Reused: what has come down.
    turn: Turn,
}

/// The world as the edge sees it: it listens and says nothing.
#[derive(Debug, Default)]
struct Voice {
    names: Names,
    news: News,
}

impl HandleUpstream for Voice {
    fn handle_upstream(&mut self, news: Upstream<'_>, _turn: &mut Turn) {
        let names = self.names;
        self.news.push(news, |connection| names.outside(connection));
    }

    /// What waits for a turn to be applied waits in the hub: for it a turn is as good as applied when it is on its way,
    /// because nothing overtakes it.
    fn handle_applied(&mut self, _turn: &mut Turn) -> bool {
        false
    }
}

impl Part {
    pub(super) fn new(config: EdgeConfig, names: Names, line: Line, bell: Arc<Bell>) -> Self {
        let edge = Edge::new(EdgeConfig { names, ..config });
        let voice = Voice { names, news: News::default() };
        Self { edge, names, line, bell, voice, turn: Turn::default() }
    }

    #[cfg(test)]
    pub(super) fn line(&self) -> &Line {
        &self.line
    }

    /// How many connections it has.
    pub(crate) fn load(&self) -> &Load {
        &self.line.load
    }

    /// Who is woken when something comes down, or there is room again for what goes up.
    pub(crate) fn set_waker(&self, driver: &Waker) {
        self.bell.set_waker(driver);
    }

    pub(crate) fn reserve(&mut self, now: Time, config: &ConnectionConfig) -> Option<Reserved> {
        self.edge.reserve(now, config, &mut self.voice)
    }

    pub(crate) fn handle_opened(&mut self, now: Time, config: &ConnectionConfig) -> ConnectionId {
        self.line.load.add();
        self.edge.handle_opened(now, config, &mut self.voice)
    }

    pub(crate) fn handle_bytes(&mut self, now: Time, connection: ConnectionId, bytes: &[u8]) {
        let name = self.names.outside(connection);
        let _span = tracing::debug_span!("received", connection = %name, bytes = bytes.len()).entered();
        self.edge.handle_bytes(now, connection, bytes, &mut self.voice);
    }

    pub(crate) fn handle_overhead(&mut self, now: Time, connection: ConnectionId, len: usize) {
        self.edge.handle_overhead(now, connection, len, &mut self.voice);
    }

    #[cfg(feature = "udp")]
    pub(crate) fn handle_datagram(
        &mut self,
        now: Time,
        connection: ConnectionId,
        number: Option<u32>,
        messages: &[u8],
    ) {
        self.edge.handle_datagram(now, connection, number, messages, &mut self.voice);
    }

    pub(crate) fn handle_lost(&mut self, now: Time, connection: ConnectionId, cause: &str) {
        if self.edge.has(connection) {
            self.line.load.subtract();
        }
        self.edge.handle_lost(now, connection, cause, &mut self.voice);
    }

    pub(crate) fn handle_writable(&mut self, connection: ConnectionId) {
        self.edge.handle_writable(connection);
    }

    pub(crate) fn handle_timeout(&mut self, now: Time) {
        self.edge.handle_timeout(now, &mut self.voice);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.edge.poll_timeout()
    }

    pub(crate) fn poll_pause(&self) -> Option<Time> {
        self.edge.poll_pause()
    }

    /// Does what the world has said since the last time.
    pub(crate) fn handle_turns(&mut self, now: Time) {
        self.line.turns.take(&mut self.turn);
        if !self.turn.is_empty() {
            self.edge.turn().append(&self.turn, |command| self.names.command_inside(command));
            self.turn.clear();
            self.edge.apply(now, &mut self.voice);
        }
    }

    /// Passes on what has happened since the last time.
    pub(crate) fn share_news(&mut self) {
        self.line.news.give(&mut self.voice.news);
    }

    pub(crate) fn poll_transmit(&mut self, now: Time) -> Option<Transmit<'_>> {
        if self.edge.prepare_transmit(now, &mut self.voice) { self.edge.transmit() } else { None }
    }

    pub(crate) fn handle_written(&mut self, connection: ConnectionId, len: usize) {
        self.edge.handle_written(connection, len);
    }

    pub(crate) fn poll_parting(&mut self) -> Option<(ConnectionId, Parting)> {
        let closed = self.edge.poll_closed()?;
        self.line.load.subtract();
        Some(closed)
    }

    /// Whether so much has come in, or waits to go out, that the turn had better end.
    pub(crate) fn is_full(&self) -> bool {
        self.voice.news.weight() >= super::NEWS_LIMIT || self.edge.is_full()
    }

    /// Whether so much waits for the world that nothing more is to be read until the driver is woken.
    pub(crate) fn is_stalled(&self) -> bool {
        self.line.news.is_full()
    }

    pub(crate) fn is_shutting_down(&self) -> bool {
        self.edge.is_shutting_down()
    }

    /// Whether nothing is left to do: the node was shut down and the connections are gone.
    pub(crate) fn is_finished(&self) -> bool {
        self.edge.is_finished()
    }

    /// Whether the world is gone, without a word.
    pub(crate) fn is_cut(&self) -> bool {
        self.line.turns.is_over()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.share_news();
        self.line.close();
    }
}
