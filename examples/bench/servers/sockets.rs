//! What the references share: a listener, connections, and one write for each.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(usize::MAX);

/// A listener and what connected to it, by number; numbers are not used again.
#[derive(Debug)]
pub(super) struct Sockets {
    poll: Poll,
    events: Events,
    listener: TcpListener,
    sockets: Vec<Option<Socket>>,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Socket {
    stream: TcpStream,
    /// The beginning of what is not whole yet, as the server sees it.
    partial: Vec<u8>,
    unsent: Vec<u8>,
}

/// What a server does with what came.
pub(super) trait Serve {
    /// Somebody connected.
    fn opened(&mut self, socket: usize);
    /// Takes whole pieces from `bytes` and says how many bytes that was; the rest comes again, with more.
    fn received(&mut self, socket: usize, bytes: &[u8]) -> usize;
    /// All that was ready has been received: writes what follows.
    fn flush(&mut self, write: &mut dyn FnMut(usize, &[u8]));
    /// Somebody is gone.
    fn closed(&mut self, socket: usize);
}

impl Sockets {
    pub(super) fn bind() -> io::Result<Self> {
        let mut listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let poll = Poll::new()?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let events = Events::with_capacity(1024);
        Ok(Self { poll, events, listener, sockets: Vec::new(), buffer: vec![0; 256 * 1024] })
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves for ever.
    pub(super) fn run(mut self, server: &mut impl Serve) -> io::Result<()> {
        loop {
            self.poll.poll(&mut self.events, None)?;
            let ready: Vec<(Token, bool, bool)> = self
                .events
                .iter()
                .map(|event| (event.token(), event.is_readable(), event.is_writable()))
                .collect();
            for (token, is_readable, is_writable) in ready {
                if token == LISTENER {
                    self.accept(server)?;
                    continue;
                }
                if is_writable && let Some(Some(socket)) = self.sockets.get_mut(token.0) {
                    socket.write(&[]);
                }
                if is_readable {
                    self.read(token.0, server);
                }
            }
            let sockets = &mut self.sockets;
            server.flush(&mut |socket, bytes| {
                if let Some(socket) = &mut sockets[socket] {
                    socket.write(bytes);
                }
            });
        }
    }

    fn accept(&mut self, server: &mut impl Serve) -> io::Result<()> {
        loop {
            let mut stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            stream.set_nodelay(true)?;
            let number = self.sockets.len();
            let both = Interest::READABLE | Interest::WRITABLE;
            self.poll.registry().register(&mut stream, Token(number), both)?;
            self.sockets.push(Some(Socket { stream, partial: Vec::new(), unsent: Vec::new() }));
            server.opened(number);
        }
    }

    fn read(&mut self, number: usize, server: &mut impl Serve) {
        loop {
            let Some(Some(socket)) = self.sockets.get_mut(number) else { return };
            let len = match socket.stream.read(&mut self.buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Ok(0) | Err(_) => {
                    self.sockets[number] = None;
                    return server.closed(number);
                }
                Ok(len) => len,
            };
            if socket.partial.is_empty() {
                let used = server.received(number, &self.buffer[..len]);
                socket.partial.extend_from_slice(&self.buffer[used..len]);
            } else {
                socket.partial.extend_from_slice(&self.buffer[..len]);
                let used = server.received(number, &socket.partial);
                socket.partial.drain(..used);
            }
            if socket.partial.is_empty() {
                // An idle connection owns no buffer.
                socket.partial = Vec::new();
            }
            if len < self.buffer.len() {
                return;
            }
        }
    }
}

impl Socket {
    /// Writes what was left and then `bytes`; keeps what is not taken.
    fn write(&mut self, bytes: &[u8]) {
        if self.unsent.is_empty() {
            let len = self.stream.write(bytes).unwrap_or(0);
            self.unsent.extend_from_slice(&bytes[len..]);
            return;
        }
        self.unsent.extend_from_slice(bytes);
        while let Ok(len @ 1..) = self.stream.write(&self.unsent) {
            self.unsent.drain(..len);
        }
        if self.unsent.is_empty() {
            self.unsent = Vec::new();
        }
    }
}
