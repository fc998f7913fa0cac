//! What a driver drives: a whole node, or a part of one that has its own thread.

use crate::line::ConnectionId;
use crate::node::{ConnectionConfig, Node, Parting, Transmit};
use crate::time::Time;

/// Takes input and gives output without waiting; the words are those of [`Node`].
pub(super) trait Machine {
    fn handle_commands(&mut self, now: Time);
    fn handle_opened(&mut self, now: Time, config: &ConnectionConfig) -> ConnectionId;
    fn handle_bytes(&mut self, now: Time, connection: ConnectionId, bytes: &[u8]);
    #[cfg(feature = "udp")]
    fn handle_datagram(&mut self, now: Time, connection: ConnectionId, number: Option<u32>, messages: &[u8]);
    fn handle_lost(&mut self, now: Time, connection: ConnectionId, cause: &str);
    fn handle_writable(&mut self, connection: ConnectionId);
    fn handle_timeout(&mut self, now: Time);
    fn poll_timeout(&self) -> Option<Time>;
    fn poll_transmit(&mut self, now: Time) -> Option<Transmit<'_>>;
    fn handle_written(&mut self, connection: ConnectionId, len: usize);
    /// The next connection whose transport is to be dropped, and how it ends.
    fn poll_parting(&mut self) -> Option<(ConnectionId, Parting)>;
    fn is_full(&self) -> bool;
    fn is_shutting_down(&self) -> bool;

    /// A part that is not flushed by a tick has none.
    fn poll_pause(&self) -> Option<Time> {
        None
    }
}

impl Machine for Node {
    fn handle_commands(&mut self, now: Time) {
        self.handle_commands(now);
    }

    fn handle_opened(&mut self, now: Time, config: &ConnectionConfig) -> ConnectionId {
        self.handle_opened(now, config)
    }

    fn handle_bytes(&mut self, now: Time, connection: ConnectionId, bytes: &[u8]) {
        self.handle_bytes(now, connection, bytes);
    }

    #[cfg(feature = "udp")]
    fn handle_datagram(&mut self, now: Time, connection: ConnectionId, number: Option<u32>, messages: &[u8]) {
        self.handle_datagram(now, connection, number, messages);
    }

    fn handle_lost(&mut self, now: Time, connection: ConnectionId, cause: &str) {
        self.handle_lost(now, connection, cause);
    }

    fn handle_writable(&mut self, connection: ConnectionId) {
        self.handle_writable(connection);
    }

    fn handle_timeout(&mut self, now: Time) {
        self.handle_timeout(now);
    }

    fn poll_timeout(&self) -> Option<Time> {
        self.poll_timeout()
    }

    fn poll_pause(&self) -> Option<Time> {
        self.poll_pause()
    }

    fn poll_transmit(&mut self, now: Time) -> Option<Transmit<'_>> {
        self.poll_transmit(now)
    }

    fn handle_written(&mut self, connection: ConnectionId, len: usize) {
        self.handle_written(connection, len);
    }

    fn poll_parting(&mut self) -> Option<(ConnectionId, Parting)> {
        self.poll_parting()
    }

    fn is_full(&self) -> bool {
        self.is_full()
    }

    fn is_shutting_down(&self) -> bool {
        self.is_shutting_down()
    }
}
