//! Sockets that nobody waits for: `mio`'s, as streams and listeners of ours.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use mio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use mio::net::{UnixListener, UnixStream};

use super::reactor::{self, Registered};
#[cfg(unix)]
use crate::drive::stream::unix::SocketFile;
use crate::drive::stream::{ByteListener, ByteStream, Streams};

/// The listeners and sockets of one node.
pub(in crate::drive) type Sockets = Streams<Listener>;

/// A place where sockets come from.
pub(in crate::drive) struct Listener {
    place: Place,
    sockets: Arc<reactor::Sockets>,
}

enum Place {
    Tcp(Registered<TcpListener>),
    #[cfg(unix)]
    Unix(
        Registered<UnixListener>,
        #[expect(dead_code, reason = "dropping it takes the file away")] SocketFile,
    ),
}

/// A socket that is connected, or about to be.
pub(in crate::drive) struct Socket(Kind);

enum Kind {
    Tcp {
        stream: Registered<TcpStream>,
        /// What else may be tried, while it is not connected.
        dialing: Option<Box<Dialing>>,
    },
    #[cfg(unix)]
    Unix(Registered<UnixStream>),
}

struct Dialing {
    /// The addresses that were not tried yet, the next one last.
    rest: Vec<SocketAddr>,
    sockets: Arc<reactor::Sockets>,
}

impl Listener {
    pub(super) fn tcp(listener: TcpListener, sockets: &Arc<reactor::Sockets>) -> io::Result<Self> {
        let place = Place::Tcp(Registered::new(listener, sockets)?);
        Ok(Self { place, sockets: Arc::clone(sockets) })
    }

    #[cfg(unix)]
    pub(super) fn unix(
        listener: UnixListener,
        file: SocketFile,
        sockets: &Arc<reactor::Sockets>,
    ) -> io::Result<Self> {
        let place = Place::Unix(Registered::new(listener, sockets)?, file);
        Ok(Self { place, sockets: Arc::clone(sockets) })
    }
}

impl Socket {
    /// One that is connected.
    pub(in crate::drive) fn tcp(stream: TcpStream, sockets: &Arc<reactor::Sockets>) -> io::Result<Self> {
        hurry(&stream);
        Ok(Self(Kind::Tcp { stream: Registered::new(stream, sockets)?, dialing: None }))
    }

    #[cfg(unix)]
    pub(super) fn unix(stream: UnixStream, sockets: &Arc<reactor::Sockets>) -> io::Result<Self> {
        Ok(Self(Kind::Unix(Registered::new(stream, sockets)?)))
    }

    /// One that connects to the first of `addresses` that answers.
    #[cfg(feature = "poll")]
    pub(in crate::drive) fn dial(
        mut addresses: Vec<SocketAddr>,
        sockets: &Arc<reactor::Sockets>,
    ) -> io::Result<Self> {
        addresses.reverse();
        let mut dialing = Dialing { rest: addresses, sockets: Arc::clone(sockets) };
        let stream = dialing.next(ErrorKind::AddrNotAvailable.into())?;
        Ok(Self(Kind::Tcp { stream, dialing: Some(Box::new(dialing)) }))
    }

    /// Waits until it is connected, if it is not.
    fn poll_connected(&mut self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let Self(Kind::Tcp { stream, dialing }) = self else {
            return Poll::Ready(Ok(()));
        };
        while let Some(tried) = dialing {
            match ready!(stream.attempt(cx, |stream| check(stream))) {
                Ok(()) => *dialing = None,
                Err(error) => *stream = tried.next(error)?,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Dialing {
    /// Begins to connect to the next address that this machine has a way to, or says what is wrong with the last one.
    fn next(&mut self, mut error: io::Error) -> io::Result<Registered<TcpStream>> {
        while let Some(address) = self.rest.pop() {
            match TcpStream::connect(address) {
                Ok(stream) => return Registered::new(stream, &self.sockets),
                Err(failed) => error = failed,
            }
        }
        Err(error)
    }
}

/// Turns gather what belongs together; the system must not wait for more. If it cannot be told so, the connection is
/// broken, and reading says so.
fn hurry(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
}

/// Whether a connection was made, or why not, or that it is too early to say.
fn check(stream: &TcpStream) -> io::Result<()> {
    if let Some(error) = stream.take_error()? {
        return Err(error);
    }
    match stream.peer_addr() {
        Err(error) if error.kind() == ErrorKind::NotConnected => Err(ErrorKind::WouldBlock.into()),
        Err(error) => Err(error),
        Ok(_) => {
            hurry(stream);
            Ok(())
        }
    }
}

impl ByteListener for Listener {
    type Stream = Socket;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Socket>> {
        let Self { place, sockets } = self;
        Poll::Ready(match place {
            Place::Tcp(listener) => {
                Socket::tcp(ready!(listener.attempt_read(cx, |listener| listener.accept()))?.0, sockets)
            }
            #[cfg(unix)]
            Place::Unix(listener, _) => {
                Socket::unix(ready!(listener.attempt_read(cx, |listener| listener.accept()))?.0, sockets)
            }
        })
    }
}

impl ByteStream for Socket {
    const LINGERS: bool = true;

    fn remote_addr(&self) -> Option<SocketAddr> {
        match &self.0 {
            Kind::Tcp { stream, .. } => stream.get().peer_addr().ok(),
            #[cfg(unix)]
            Kind::Unix(_) => None,
        }
    }

    fn poll_read<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
        scratch: &'a mut [u8],
    ) -> Poll<io::Result<&'a [u8]>> {
        ready!(self.poll_connected(cx))?;
        match &mut self.0 {
            Kind::Tcp { stream, .. } => read(stream, cx, scratch),
            #[cfg(unix)]
            Kind::Unix(stream) => read(stream, cx, scratch),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_connected(cx))?;
        match &mut self.0 {
            Kind::Tcp { stream, .. } => stream.attempt(cx, |stream| stream.write(bytes)),
            #[cfg(unix)]
            Kind::Unix(stream) => stream.attempt(cx, |stream| stream.write(bytes)),
        }
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(match &self.0 {
            Kind::Tcp { stream, .. } => stream.get().shutdown(Shutdown::Write),
            #[cfg(unix)]
            Kind::Unix(stream) => stream.get().shutdown(Shutdown::Write),
        })
    }
}

/// Reads what is there. A read that does not fill the buffer has taken all of it, which saves the system call that
/// would find that out.
fn read<'a, S: Read + mio::event::Source>(
    stream: &mut Registered<S>,
    cx: &Context<'_>,
    scratch: &'a mut [u8],
) -> Poll<io::Result<&'a [u8]>> {
    if !stream.is_readable() {
        return Poll::Pending;
    }
    let len = ready!(stream.attempt_read(cx, |stream| stream.read(scratch)))?;
    if 0 < len && len < scratch.len() {
        stream.drained();
    }
    Poll::Ready(Ok(&scratch[..len]))
}
