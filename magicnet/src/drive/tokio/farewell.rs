//! Sockets that are done with, on their way out.
//!
//! Closing a socket while something unread lies in it makes the system send a reset, and a reset can overtake the last
//! words: a peer that was disconnected in the middle of a flood would never read why. So our side of the stream is
//! closed first, and what the peer still sends is thrown away until it has closed its side, or for a while.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::drive::READS_PER_TURN;
use crate::line::ConnectionId;
use crate::time::Time;

/// The sockets that are leaving.
#[derive(Debug, Default)]
pub(super) struct Farewell {
    leaving: HashMap<ConnectionId, (TcpStream, Waker)>,
    /// All stay equally long, so they go in the order in which they came. Some are gone earlier.
    ends: VecDeque<(Time, ConnectionId)>,
}

impl Farewell {
    /// Ends our side of the stream and waits for the other side's end. The waker stays that of the connection.
    pub(super) fn begin(&mut self, connection: ConnectionId, mut stream: TcpStream, waker: Waker, now: Time) {
        let ended = Pin::new(&mut stream).poll_shutdown(&mut Context::from_waker(&waker));
        if matches!(ended, Poll::Ready(Err(_))) {
            // The peer is gone: nothing to wait for.
            return;
        }
        waker.wake_by_ref();
        self.leaving.insert(connection, (stream, waker));
        self.ends.push_back((now + FAREWELL, connection));
    }

    /// Throws away what came, and the socket once the peer has closed its side.
    pub(super) fn handle_ready(&mut self, connection: ConnectionId, scratch: &mut [u8]) {
        let Some((stream, waker)) = self.leaving.get_mut(&connection) else {
            return;
        };
        for _ in 0..READS_PER_TURN {
            let mut buffer = ReadBuf::new(scratch);
            match Pin::new(&mut *stream).poll_read(&mut Context::from_waker(waker), &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => {
                    self.leaving.remove(&connection);
                    return;
                }
                Poll::Pending => return,
            }
        }
        waker.wake_by_ref();
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

/// How long the other side may take to close. A peer that has read our end closes within a round trip; two seconds
/// are one round trip with a packet lost on the way, over the worst of links.
const FAREWELL: Duration = Duration::from_secs(2);
