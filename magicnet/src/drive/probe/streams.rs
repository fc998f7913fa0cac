//! One end of a stream with its layers.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::drive::stream::{ByteStream, Channel, Layers, SCRATCH_SIZE};
use crate::node::{Connect, EndpointConfig, EndpointKind, Listen, Parting};

/// What lies over the streams of an endpoint, made once for all of them.
pub struct Layering(Layers);

impl Layering {
    /// Over those that come to a listener with an address.
    pub fn accepting(listen: Listen) -> io::Result<Self> {
        let EndpointConfig { kind, connection, around } = listen.into_config();
        let EndpointKind::Listen(address) = kind else { return Err(NO_ADDRESS.into()) };
        Layers::accepting(&address, &around, &connection).map(Self)
    }

    /// Over those that are made by a connector with an address.
    pub fn connecting(connect: Connect) -> io::Result<Self> {
        let EndpointConfig { kind, connection, around } = connect.into_config();
        let EndpointKind::Connect(address) = kind else { return Err(NO_ADDRESS.into()) };
        Layers::connecting(&address, &around, &connection).map(Self)
    }

    /// What others must know to connect, beside the address.
    pub fn fragment(&self) -> Option<String> {
        self.0.fragment()
    }

    /// Puts the layers over a new stream.
    pub fn open(&self) -> io::Result<StreamProbe> {
        let pipe = Rc::new(RefCell::new(Pipe { room: usize::MAX, ..Pipe::default() }));
        let channel = self.0.wrap(End(Rc::clone(&pipe)))?;
        Ok(StreamProbe { channel, pipe, scratch: vec![0; SCRATCH_SIZE].into() })
    }
}

const NO_ADDRESS: io::ErrorKind = io::ErrorKind::InvalidInput;

/// One end of a stream with its layers, as a driver has it.
pub struct StreamProbe {
    channel: Channel<End>,
    pipe: Rc<RefCell<Pipe>>,
    scratch: Box<[u8]>,
}

impl StreamProbe {
    /// Receives bytes and appends the frames that are in them. Says whether the stream goes on, or why it broke.
    pub fn receive(&mut self, bytes: &[u8], frames: &mut Vec<u8>) -> io::Result<bool> {
        self.pipe.borrow_mut().incoming.extend_from_slice(bytes);
        loop {
            let before = self.pipe.borrow().incoming.len();
            match self.channel.poll_read(&mut Context::from_waker(Waker::noop()), &mut self.scratch) {
                Poll::Ready(Ok([])) => return Ok(false),
                Poll::Ready(Ok(read)) => frames.extend_from_slice(read),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending if before == 0 => return Ok(true),
                Poll::Pending => {}
            }
        }
    }

    /// Sends frames, as many bytes of them as it takes, and says how many.
    pub fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        match self.channel.poll_write(&mut Context::from_waker(Waker::noop()), frames) {
            Poll::Ready(written) => written,
            Poll::Pending => Ok(0),
        }
    }

    /// Says goodbye, as far as that goes.
    pub fn shut_down(&mut self) -> io::Result<()> {
        self.channel.set_parting(Parting::Plain);
        match self.channel.poll_shutdown(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(shut) => shut,
            Poll::Pending => Ok(()),
        }
    }

    /// How many more bytes the socket takes, until it is said again.
    pub fn set_room(&mut self, room: usize) {
        self.pipe.borrow_mut().room = room;
    }

    /// Takes what was sent.
    pub fn take_sent(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.pipe.borrow_mut().outgoing)
    }

    /// How many bytes the layers of our own making keep; those of TLS are `rustls`' own.
    pub fn kept(&self) -> usize {
        self.channel.kept()
    }
}

#[derive(Default)]
struct Pipe {
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    room: usize,
}

/// A socket whose other end is the test.
struct End(Rc<RefCell<Pipe>>);

impl ByteStream for End {
    const LINGERS: bool = false;

    fn poll_read<'a>(&'a mut self, _: &mut Context<'_>, scratch: &'a mut [u8]) -> Poll<io::Result<&'a [u8]>> {
        let incoming = &mut self.0.borrow_mut().incoming;
        let len = incoming.len().min(scratch.len());
        if len == 0 {
            return Poll::Pending;
        }
        scratch[..len].copy_from_slice(&incoming[..len]);
        incoming.drain(..len);
        Poll::Ready(Ok(&scratch[..len]))
    }

    fn poll_write(&mut self, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut pipe = self.0.borrow_mut();
        let len = bytes.len().min(pipe.room);
        if len == 0 && !bytes.is_empty() {
            return Poll::Pending;
        }
        pipe.room -= len;
        pipe.outgoing.extend_from_slice(&bytes[..len]);
        Poll::Ready(Ok(len))
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn remote_addr(&self) -> Option<SocketAddr> {
        None
    }
}
