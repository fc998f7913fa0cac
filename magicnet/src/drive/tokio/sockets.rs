//! Tokio's sockets, as streams and listeners of ours.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

#[cfg(unix)]
use crate::drive::stream::unix::SocketFile;
use crate::drive::stream::{ByteListener, ByteStream, Streams};

/// The listeners and sockets of one node.
pub(super) type Sockets = Streams<Listener>;

/// Where sockets come from.
pub(in crate::drive) enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener, #[expect(dead_code, reason = "dropping it takes the file away")] SocketFile),
}

/// A connected socket.
pub(in crate::drive) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Socket {
    pub(super) fn tcp(stream: TcpStream) -> Self {
        // Turns gather what belongs together; the system must not wait for more. If it cannot be set, the connection
        // is broken, and reading says so.
        let _ = stream.set_nodelay(true);
        Self::Tcp(stream)
    }
}

/// A socket between two runtimes.
#[derive(Debug)]
pub(super) enum Moving {
    Tcp(std::net::TcpStream),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
}

impl Socket {
    /// Takes it out of its runtime.
    pub(super) fn leave(self) -> io::Result<Moving> {
        match self {
            Self::Tcp(stream) => stream.into_std().map(Moving::Tcp),
            #[cfg(unix)]
            Self::Unix(stream) => stream.into_std().map(Moving::Unix),
        }
    }
}

impl Moving {
    /// Takes it into the runtime that this is called in.
    pub(super) fn arrive(self) -> io::Result<Socket> {
        match self {
            Self::Tcp(stream) => TcpStream::from_std(stream).map(Socket::Tcp),
            #[cfg(unix)]
            Self::Unix(stream) => UnixStream::from_std(stream).map(Socket::Unix),
        }
    }
}

impl ByteListener for Listener {
    type Stream = Socket;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Socket>> {
        let socket = match self {
            Self::Tcp(listener) => Socket::tcp(ready!(listener.poll_accept(cx))?.0),
            #[cfg(unix)]
            Self::Unix(listener, _) => Socket::Unix(ready!(listener.poll_accept(cx))?.0),
        };
        Poll::Ready(Ok(socket))
    }
}

impl ByteStream for Socket {
    const LINGERS: bool = true;

    fn poll_read<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
        scratch: &'a mut [u8],
    ) -> Poll<io::Result<&'a [u8]>> {
        let mut buffer = ReadBuf::new(scratch);
        // Not `try_read`: a read that does not fill the buffer tells tokio that the socket is empty, which saves the
        // system call that would find that out.
        ready!(match self {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, &mut buffer),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, &mut buffer),
        })?;
        let len = buffer.filled().len();
        Poll::Ready(Ok(&scratch[..len]))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn remote_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(stream) => stream.peer_addr().ok(),
            #[cfg(unix)]
            Self::Unix(_) => None,
        }
    }
}
