//! Streams that are done with, on their way out.
//!
//! Closing a socket while something unread lies in it makes the system send a reset, and a reset can overtake the last
//! words: a peer that was disconnected in the middle of a flood would never read why. So our side of the stream is
//! closed first, and what the peer still sends is thrown away until it has closed its side, or for a while.

use std::collections::{HashMap, VecDeque};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::ByteStream;
use crate::drive::READS_PER_TURN;
use crate::line::ConnectionId;
use crate::time::Time;

/// The streams that are leaving.
pub(super) struct Farewell<S> {
    leaving: HashMap<ConnectionId, Leaving<S>>,
    /// All stay equally long, so they go in the order in which they came. Some are gone earlier.
    ends: VecDeque<(Time, ConnectionId)>,
}

struct Leaving<S> {
    stream: S,
    waker: Waker,
    /// Our side of it is closed.
    is_shut: bool,
}

impl<S: ByteStream> Farewell<S> {
    pub(super) fn new() -> Self {
        Self { leaving: HashMap::new(), ends: VecDeque::new() }
    }

    /// Ends our side of the stream and waits for the other side's end. The waker stays that of the connection.
    pub(super) fn begin(&mut self, connection: ConnectionId, stream: S, waker: Waker, now: Time) {
        let mut leaving = Leaving { stream, waker, is_shut: false };
        if leaving.shut_down() {
            leaving.waker.wake_by_ref();
            self.leaving.insert(connection, leaving);
            self.ends.push_back((now + FAREWELL, connection));
        }
    }

    /// Throws away what came, and the stream once the peer has closed its side.
    pub(super) fn handle_ready(&mut self, connection: ConnectionId, scratch: &mut [u8]) {
        if let Some(leaving) = self.leaving.get_mut(&connection)
            && !(leaving.shut_down() && leaving.discard(scratch))
        {
            self.leaving.remove(&connection);
        }
    }

    /// Drops those that took too long.
    pub(super) fn handle_timeout(&mut self, now: Time) {
        while let Some(&(_, connection)) = self.ends.front().filter(|(end, _)| *end <= now) {
            self.ends.pop_front();
            self.leaving.remove(&connection);
        }
    }

    /// When the next one has taken too long.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let (end, _) = self.ends.front().filter(|_| !self.leaving.is_empty())?;
        Some(*end)
    }

    /// Whether all are gone.
    pub(super) fn is_empty(&self) -> bool {
        self.leaving.is_empty()
    }
}

impl<S: ByteStream> Leaving<S> {
    /// Closes our side, as far as that goes without waiting; says whether there is anything to wait for.
    fn shut_down(&mut self) -> bool {
        if self.is_shut {
            return true;
        }
        match self.stream.poll_shutdown(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(Ok(())) => self.is_shut = true,
            // The peer is gone.
            Poll::Ready(Err(_)) => return false,
            Poll::Pending => {}
        }
        true
    }

    /// Throws away what has come; says whether more may come.
    fn discard(&mut self, scratch: &mut [u8]) -> bool {
        for _ in 0..READS_PER_TURN {
            match self.stream.poll_read(&mut Context::from_waker(&self.waker), scratch) {
                Poll::Ready(Ok(read)) if !read.is_empty() => {}
                Poll::Ready(_) => return false,
                Poll::Pending => return true,
            }
        }
        self.waker.wake_by_ref();
        true
    }
}

/// How long the other side may take to close. A peer that has read our end closes within a round trip; two seconds
/// are one round trip with a packet lost on the way, over the worst of links.
const FAREWELL: Duration = Duration::from_secs(2);
