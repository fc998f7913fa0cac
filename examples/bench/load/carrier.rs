//! What carries a peer's frames: a socket, and what lies over it.
//!
//! Each of them is a stream of frames here, as TCP is, so what is measured over one is measured in the same way over
//! the others.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;

use anyhow::{Context, anyhow};
use mio::unix::SourceFd;
use mio::{Interest, Poll, Token};
use rustls::{ClientConnection, StreamOwned};
use tungstenite::{Bytes, Message, WebSocket};

use super::tunnel::Tunnels;
use super::v3::{frame, frames};
use super::{Place, trust};

/// A stream of frames that does not block.
pub(super) struct Carrier {
    stream: Box<dyn Stream>,
    /// Whether a read that does not fill the buffer has taken all there is, so that the next one can be spared.
    is_bare: bool,
}

trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

impl Carrier {
    /// Connects to a server and lets `poll` tell of it by `token`; not of what came together with a handshake.
    pub(super) fn connect(
        server: &Place,
        poll: &Poll,
        token: Token,
        tunnels: &mut Option<Tunnels>,
    ) -> anyhow::Result<Self> {
        let (stream, socket): (Box<dyn Stream>, RawFd) = match server {
            Place::Tcp(address) => over(tcp(*address)?, |tcp| tcp)?,
            Place::Tls(address) => over(tls(*address)?, |tls| &tls.sock)?,
            Place::Ws(address) => over(Web::over(tcp(*address)?)?, |web| web.socket.get_ref())?,
            Place::Wss(address) => over(Web::over(tls(*address)?)?, |web| &web.socket.get_ref().sock)?,
            Place::Unix(path) => over_unix(UnixStream::connect(path).context(REFUSED)?)?,
            Place::Udp(address) => {
                let tunnels = match tunnels {
                    Some(tunnels) => tunnels,
                    none => none.insert(Tunnels::new()?),
                };
                over_unix(tunnels.dig(*address).context(REFUSED)?)?
            }
        };
        let both = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(&mut SourceFd(&socket), token, both)?;
        let is_bare = matches!(server, Place::Tcp(_) | Place::Unix(_) | Place::Udp(_));
        Ok(Self { stream, is_bare })
    }

    /// Reads what is there: how much, and whether there may be more. Nothing is read at the end of the stream.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<(usize, bool)> {
        let len = self.stream.read(buffer)?;
        Ok((len, len == buffer.len() || !self.is_bare))
    }

    /// Takes the beginning of what is to be sent, and says how much that was.
    pub(super) fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        self.stream.write(frames)
    }

    /// Sends what a layer has kept, as much as goes.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carrier").field("is_bare", &self.is_bare).finish_non_exhaustive()
    }
}

/// From here on nothing blocks: a stream whose handshakes are over, and the socket that it lies over.
fn over<S: Read + Write + 'static>(
    stream: S,
    socket: impl Fn(&S) -> &TcpStream,
) -> io::Result<(Box<dyn Stream>, RawFd)> {
    socket(&stream).set_nonblocking(true)?;
    let socket = socket(&stream).as_raw_fd();
    Ok((Box::new(stream), socket))
}

fn over_unix(stream: UnixStream) -> io::Result<(Box<dyn Stream>, RawFd)> {
    stream.set_nonblocking(true)?;
    let socket = stream.as_raw_fd();
    Ok((Box::new(stream), socket))
}

fn tcp(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(address).context(REFUSED)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn tls(address: SocketAddr) -> anyhow::Result<StreamOwned<ClientConnection, TcpStream>> {
    let mut socket = tcp(address)?;
    let mut connection = ClientConnection::new(trust::anybody(&[]), "localhost".try_into()?)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    Ok(StreamOwned::new(connection, socket))
}

/// Frames as messages of a WebSocket, and the other way round.
struct Web<S> {
    socket: WebSocket<S>,
    /// The frame of the last message, and how much of it was read.
    read: (Vec<u8>, usize),
}

impl<S: Read + Write> Web<S> {
    fn over(stream: S) -> anyhow::Result<Self> {
        let answered = tungstenite::client("ws://localhost/", stream);
        let (socket, _) = answered.map_err(|refused| anyhow!("no WebSocket: {refused}"))?;
        Ok(Self { socket, read: (Vec::new(), 0) })
    }

    fn next(&mut self) -> io::Result<()> {
        loop {
            if let Message::Binary(datagram) = self.socket.read().map_err(io_error)? {
                self.read = (frame(&datagram), 0);
                return Ok(());
            }
        }
    }
}

impl<S: Read + Write> Read for Web<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut len = 0;
        while len < buffer.len() {
            let (frame, at) = &mut self.read;
            if *at == frame.len() {
                match self.next() {
                    Ok(()) => continue,
                    // What went wrong is said again the next time.
                    Err(_) if len > 0 => break,
                    Err(error) if error.kind() == ErrorKind::ConnectionAborted => break,
                    Err(error) => return Err(error),
                }
            }
            let copied = (&frame[*at..]).read(&mut buffer[len..])?;
            *at += copied;
            len += copied;
        }
        Ok(len)
    }
}

impl<S: Read + Write> Write for Web<S> {
    /// Takes all of it: what does not fit waits for the next flush.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut outcome = Ok(());
        let len = frames(bytes, |datagram| {
            let message = Message::Binary(Bytes::copy_from_slice(datagram));
            let written = self.socket.write(message).map_err(io_error);
            if written.as_ref().is_err_and(|error| error.kind() != ErrorKind::WouldBlock) {
                outcome = written;
            }
        });
        outcome.and(Ok(len))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush().map_err(io_error)
    }
}

fn io_error(error: tungstenite::Error) -> io::Error {
    match error {
        tungstenite::Error::Io(error) => error,
        tungstenite::Error::ConnectionClosed => ErrorKind::ConnectionAborted.into(),
        error => io::Error::other(error),
    }
}

const REFUSED: &str = "the server does not accept";
