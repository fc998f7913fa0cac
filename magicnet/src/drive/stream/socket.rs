//! One connection: its stream, and what is known of it between turns.

use std::io;
use std::task::{Context, Poll, Waker};

use super::ByteStream;

pub(super) struct Socket<S> {
    pub(super) stream: S,
    pub(super) waker: Waker,
    /// A write did not fit: the node is told when there is room.
    pub(super) is_blocked: bool,
    /// Writing failed; what the peer said before that is read first.
    broken: Option<io::Error>,
}

impl<S: ByteStream> Socket<S> {
    pub(super) fn new(stream: S, waker: Waker) -> Self {
        Self { stream, waker, is_blocked: false, broken: None }
    }

    /// What has come; nothing at the end of the stream. If that is pending, the waker is called when there is more.
    pub(super) fn read<'a>(&'a mut self, scratch: &'a mut [u8]) -> Poll<io::Result<&'a [u8]>> {
        let Self { stream, waker, broken, .. } = self;
        match stream.poll_read(&mut Context::from_waker(waker), scratch) {
            Poll::Pending => broken.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error))),
            read => read,
        }
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
