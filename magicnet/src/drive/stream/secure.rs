//! TLS over a stream: `rustls` between the bytes of the node and those of the socket.
//!
//! Its handshake counts as a part of MagicNet's: nothing is taken to be sent before it is through, and the edge ends
//! who takes too long. What a peer makes a connection keep is bounded by `rustls`: one record that is not whole, and
//! what the handshake may say.

use std::io::{self, BufRead, ErrorKind, IoSlice, Read, Write};
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use rustls::Connection;

use super::ByteStream;
use super::layers::Overhead;

/// A stream that nobody else can read.
pub(super) struct Tls<S> {
    stream: S,
    session: Connection,
    /// We have said our last word; what still comes is of no interest.
    is_closed: bool,
    /// What came is no TLS: that ends the stream behind what came before it.
    fault: Option<rustls::Error>,
    overhead: Overhead,
}

impl<S: ByteStream> Tls<S> {
    pub(super) fn new(stream: S, session: Connection) -> Self {
        Self { stream, session, is_closed: false, fault: None, overhead: Overhead::default() }
    }

    /// Sends what the session has to say: handshake, records, alerts.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut stream = Waiting { stream: &mut self.stream, cx };
        while self.session.wants_write() {
            match self.session.write_tls(&mut stream) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Poll::Pending,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Decrypts `records` into `output`, which has so many bytes then: up to what is no TLS, which is noted.
    fn decrypt(
        session: &mut Connection,
        fault: &mut Option<rustls::Error>,
        mut records: &[u8],
        output: &mut [u8],
    ) -> io::Result<usize> {
        let mut len = 0;
        while !records.is_empty() && fault.is_none() {
            if session.read_tls(&mut records)? == 0 {
                break;
            }
            *fault = session.process_new_packets().err();
            while let Ok(read @ 1..) = session.reader().read(&mut output[len..]) {
                len += read;
            }
        }
        Ok(len)
    }
}

impl<S: ByteStream> ByteStream for Tls<S> {
    const LINGERS: bool = S::LINGERS;

    fn remote_addr(&self) -> Option<SocketAddr> {
        self.stream.remote_addr()
    }

    fn take_overhead(&mut self) -> usize {
        self.overhead.take()
    }

    fn poll_read<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
        scratch: &'a mut [u8],
    ) -> Poll<io::Result<&'a [u8]>> {
        if self.is_closed {
            return self.stream.poll_read(cx, scratch);
        }
        let (records, output) = scratch.split_at_mut(RECORDS_SIZE);
        for _ in 0..READS_WITHOUT_NEWS {
            let _flushed = self.poll_flush(cx)?;
            let Self { stream, session, fault, overhead, .. } = self;
            if let Some(fault) = fault {
                return Poll::Ready(Err(io::Error::new(ErrorKind::InvalidData, fault.clone())));
            }
            // Behind a proper end nothing is read any more.
            let is_over = !session.is_handshaking() && session.reader().fill_buf().is_ok();
            if is_over {
                return Poll::Ready(Ok(&[]));
            }
            let read = ready!(stream.poll_read(cx, records))?;
            if read.is_empty() {
                return Poll::Ready(Ok(&[]));
            }
            let decrypted = Self::decrypt(session, fault, read, output);
            overhead.count(read.len(), *decrypted.as_ref().unwrap_or(&0));
            // An alert goes out before the fault is told.
            let flushed = self.poll_flush(cx);
            let len = decrypted?;
            if len > 0 {
                return Poll::Ready(Ok(&output[..len]));
            }
            let _flushed = flushed?;
        }
        // The handshake, or nothing worth speaking of: the others have their turn before there is more.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.session.is_handshaking() {
            // Whoever waits is woken by what ends the waiting.
            return Poll::Pending;
        }
        ready!(self.poll_flush(cx))?;
        let len = self.session.writer().write(bytes)?;
        // What does not go out now is sent before anything else.
        let _flushed = self.poll_flush(cx)?;
        Poll::Ready(Ok(len))
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !std::mem::replace(&mut self.is_closed, true) {
            self.session.send_close_notify();
        }
        ready!(self.poll_flush(cx))?;
        self.stream.poll_shutdown(cx)
    }
}

/// A stream as `rustls` wants to write to it.
struct Waiting<'s, 'w, S> {
    stream: &'s mut S,
    cx: &'s mut Context<'w>,
}

impl<S: ByteStream> Write for Waiting<'_, '_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.stream.poll_write(self.cx, bytes) {
            Poll::Ready(written) => written,
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        }
    }

    /// Several records go out with one write: to copy them costs less than to ask the system once more.
    fn write_vectored(&mut self, records: &[IoSlice<'_>]) -> io::Result<usize> {
        match records {
            [only] => self.write(only),
            records => self.write(&records.iter().map(|record| &**record).collect::<Vec<_>>().concat()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How much is read at once: a few records. What they hold fits into the rest of the scratch, with one that was begun
/// before.
const RECORDS_SIZE: usize = 20 * 1024;

/// How often a stream is read before others have their turn, if nothing comes of it: as often as a handshake has
/// flights.
const READS_WITHOUT_NEWS: usize = 2;

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// Takes everything, and keeps what came with each write.
    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl ByteStream for Writes {
        const LINGERS: bool = false;

        fn poll_read<'a>(&'a mut self, _: &mut Context<'_>, _: &'a mut [u8]) -> Poll<io::Result<&'a [u8]>> {
            Poll::Pending
        }

        fn poll_write(&mut self, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.0.push(bytes.to_vec());
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn remote_addr(&self) -> Option<SocketAddr> {
            None
        }
    }

    #[test]
    fn records_share_a_write() {
        let mut stream = Writes::default();
        let mut cx = Context::from_waker(Waker::noop());
        let records = [b"one".as_slice(), b"and", b"another"].map(IoSlice::new);
        let written = Waiting { stream: &mut stream, cx: &mut cx }.write_vectored(&records);
        assert_eq!(written.expect("everything is taken"), 13);
        assert_eq!(stream.0, [b"oneandanother"]);
    }
}
