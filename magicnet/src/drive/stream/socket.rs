//! One connection: its stream, and what is known of it between turns.

use std::io;
use std::task::{Context, Poll, Waker};

use super::{ByteStream, PART_TIMEOUT};
use crate::time::Time;

pub(super) struct Socket<S> {
    pub(super) stream: S,
    pub(super) waker: Waker,
    /// A write did not fit: the node is told when there is room.
    pub(super) is_blocked: bool,
    /// Writing failed, or a rest did not come; what the peer said before that is read first.
    broken: Option<io::Error>,
    /// Since when the stream is inside of a message that it keeps.
    part_since: Option<Time>,
    /// Whether that is looked at.
    is_timed: bool,
}

impl<S: ByteStream> Socket<S> {
    pub(super) fn new(stream: S, waker: Waker) -> Self {
        Self { stream, waker, is_blocked: false, broken: None, part_since: None, is_timed: false }
    }

    /// What has come; nothing at the end of the stream. If that is pending, the waker is called when there is more.
    pub(super) fn read<'a>(&'a mut self, scratch: &'a mut [u8]) -> Poll<io::Result<&'a [u8]>> {
        let Self { stream, waker, broken, .. } = self;
        match stream.poll_read(&mut Context::from_waker(waker), scratch) {
            Poll::Pending => broken.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error))),
            read => read,
        }
    }

    /// After a read, which has brought news or not: says whether [`check_part`](Self::check_part) is to be asked later.
    pub(super) fn time_part(&mut self, has_news: bool, now: Time) -> bool {
        self.part_since = match self.part_since {
            _ if !self.stream.is_inside() => None,
            Some(since) if !has_news => Some(since),
            _ => Some(now),
        };
        self.part_since.is_some() && !std::mem::replace(&mut self.is_timed, true)
    }

    /// Breaks the connection if a rest has not come in time. Says when to ask again, if there is something to wait for.
    pub(super) fn check_part(&mut self, now: Time) -> Option<Time> {
        let due = self.part_since.map(|since| since + PART_TIMEOUT);
        self.is_timed = due.is_some_and(|due| due > now);
        if due.is_some_and(|due| due <= now) {
            self.broken = Some(io::Error::new(io::ErrorKind::TimedOut, "the rest of a message did not come"));
            self.waker.wake_by_ref();
        }
        due.filter(|due| *due > now)
    }

    /// Writes what fits. If that is less than there is, the waker is called when there is room.
    pub(super) fn write(&mut self, bytes: &[u8]) -> usize {
        let mut written = 0;
        while written < bytes.len() && self.broken.is_none() {
            match self.stream.poll_write(&mut Context::from_waker(&self.waker), &bytes[written..]) {
                Poll::Ready(Ok(len)) => written += len,
                Poll::Ready(Err(error)) => {
                    self.broken = Some(error);
                    self.waker.wake_by_ref();
                }
                Poll::Pending => {
                    self.is_blocked = true;
                    return written;
                }
            }
        }
        bytes.len()
    }
}
