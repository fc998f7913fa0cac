//! What lies between a socket and the frames of a connection: nothing, TLS, a WebSocket, or the one in the other.

use std::io;
use std::net::SocketAddr;
#[cfg(any(feature = "tls", feature = "websocket"))]
use std::sync::Arc;
use std::task::{Context, Poll};

#[cfg(feature = "tls")]
use rustls::pki_types::ServerName;

#[cfg(feature = "tls")]
use super::secure::Tls;
#[cfg(feature = "websocket")]
use super::websocket::{Door, Origins, WebSocket};
use super::{ByteStream, READ_SIZE};
#[cfg(feature = "tls")]
use crate::drive::tls;
#[cfg(feature = "tls")]
use crate::node::Fingerprint;
#[cfg(feature = "tls")]
use crate::node::Scheme;
use crate::node::{Address, Around, ConnectionConfig, Parting};

/// The layers over an endpoint's streams, as far as they can be made in advance.
#[derive(Clone, Default)]
pub(in crate::drive) struct Layers {
    #[cfg(feature = "tls")]
    tls: Option<Secure>,
    /// Of a certificate that nobody but us vouches for.
    #[cfg(feature = "tls")]
    fingerprint: Option<Fingerprint>,
    #[cfg(feature = "websocket")]
    web: Option<Web>,
}

#[cfg(feature = "tls")]
#[derive(Clone)]
enum Secure {
    Accept(Arc<rustls::ServerConfig>),
    Connect(Arc<rustls::ClientConfig>, ServerName<'static>),
}

#[cfg(feature = "websocket")]
#[derive(Clone)]
enum Web {
    Accept(Arc<Door>),
    Connect { url: String, is_text: bool },
}

impl Layers {
    /// For those who connect to `address`: reads certificates, or makes one.
    pub(in crate::drive) fn accepting(
        address: &Address,
        around: &Around,
        connection: &ConnectionConfig,
    ) -> io::Result<Self> {
        let mut layers = Self::default();
        // Without features there is nothing to look at.
        let _ = (&mut layers, address, around, connection);
        #[cfg(feature = "tls")]
        if let Some(protocol) = protocol(address.scheme) {
            let identity = around.identity.clone().unwrap_or_default();
            let (config, fingerprint) = tls::listening(&identity, protocol)?;
            layers.tls = Some(Secure::Accept(config));
            layers.fingerprint = fingerprint;
        }
        #[cfg(feature = "websocket")]
        if address.is_web() {
            let origins = Origins(around.origins.clone().unwrap_or_default());
            layers.web = Some(Web::Accept(Arc::new(Door::new(origins, connection.sends_text()))));
        }
        Ok(layers)
    }

    /// For a connection that is made to `address`.
    pub(in crate::drive) fn connecting(
        address: &Address,
        around: &Around,
        connection: &ConnectionConfig,
    ) -> io::Result<Self> {
        let mut layers = Self::default();
        // Without features there is nothing to look at.
        let _ = (&mut layers, address, around, connection);
        #[cfg(feature = "tls")]
        if let Some(protocol) = protocol(address.scheme) {
            let (_, named) = tls::split_fingerprint(&address.place)?;
            let trust = around.trust.clone().unwrap_or_default();
            let config = tls::connecting(&trust, named, protocol)?;
            let name = ServerName::try_from(address.host().to_owned());
            let name = name.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
            layers.tls = Some(Secure::Connect(config, name));
        }
        #[cfg(feature = "websocket")]
        if address.is_web() {
            let url = format!("{}://{}{}", address.scheme.name(), address.authority(), address.path());
            layers.web = Some(Web::Connect { url, is_text: connection.sends_text() });
        }
        Ok(layers)
    }

    /// What others must know beside the address.
    pub(in crate::drive) fn fragment(&self) -> Option<String> {
        #[cfg(feature = "tls")]
        if let Some(fingerprint) = self.fingerprint {
            return Some(fingerprint.to_string());
        }
        None
    }

    /// Whether nothing lies in between.
    pub(super) fn are_none(&self) -> bool {
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return false;
        }
        #[cfg(feature = "websocket")]
        if self.web.is_some() {
            return false;
        }
        true
    }

    /// Puts the layers over one stream.
    pub(in crate::drive) fn wrap<S: ByteStream>(&self, stream: S) -> io::Result<Channel<S>> {
        #[cfg(feature = "tls")]
        if let Some(secure) = &self.tls {
            let stream = Tls::new(stream, secure.session()?);
            #[cfg(feature = "websocket")]
            if let Some(web) = &self.web {
                return Ok(Channel(Layered::SecureWeb(Box::new(web.wrap(stream)?))));
            }
            return Ok(Channel(Layered::Tls(Box::new(stream))));
        }
        #[cfg(feature = "websocket")]
        if let Some(web) = &self.web {
            return Ok(Channel(Layered::Web(Box::new(web.wrap(stream)?))));
        }
        Ok(Channel::plain(stream))
    }
}

#[cfg(feature = "tls")]
impl Secure {
    fn session(&self) -> io::Result<rustls::Connection> {
        let session = match self {
            Self::Accept(config) => rustls::ServerConnection::new(Arc::clone(config)).map(Into::into),
            Self::Connect(config, name) => {
                rustls::ClientConnection::new(Arc::clone(config), name.clone()).map(Into::into)
            }
        };
        session.map_err(io::Error::other)
    }
}

#[cfg(feature = "websocket")]
impl Web {
    fn wrap<S: ByteStream>(&self, stream: S) -> io::Result<WebSocket<S>> {
        match self {
            Self::Accept(door) => Ok(WebSocket::accept(stream, door)),
            Self::Connect { url, is_text } => WebSocket::connect(stream, url, *is_text),
        }
    }
}

/// What both sides are to talk behind TLS, if they use it.
#[cfg(feature = "tls")]
fn protocol(scheme: Scheme) -> Option<&'static [u8]> {
    match scheme {
        Scheme::Tls => Some(b"magicnet/3"),
        Scheme::Wss => Some(b"http/1.1"),
        _ => None,
    }
}

/// What came into a layer and did not come out of it above.
#[cfg(any(feature = "tls", feature = "websocket"))]
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::drive) struct Overhead {
    /// More may have come out, of what was kept before.
    balance: isize,
}

#[cfg(any(feature = "tls", feature = "websocket"))]
impl Overhead {
    /// So many bytes went in, and so many came out. Both lie in one buffer.
    pub(in crate::drive) fn count(&mut self, below: usize, above: usize) {
        self.balance += below.cast_signed() - above.cast_signed();
    }

    /// The same, if it has become worth it.
    #[cfg(feature = "udp")]
    pub(in crate::drive) fn take_much(&mut self) -> usize {
        if self.balance >= MUCH { self.take() } else { 0 }
    }

    /// What there is, once.
    pub(in crate::drive) fn take(&mut self) -> usize {
        let taken = self.balance.max(0);
        self.balance -= taken;
        taken.cast_unsigned()
    }
}

/// How many bytes of overhead are passed on at once where they come in small packets.
#[cfg(feature = "udp")]
const MUCH: isize = 4 * 1024;

/// A stream with its layers: frames go in and come out.
pub(in crate::drive) struct Channel<S>(Layered<S>);

enum Layered<S> {
    Plain(S),
    #[cfg(feature = "tls")]
    Tls(Box<Tls<S>>),
    #[cfg(feature = "websocket")]
    Web(Box<WebSocket<S>>),
    #[cfg(all(feature = "tls", feature = "websocket"))]
    SecureWeb(Box<WebSocket<Tls<S>>>),
}

impl<S> Channel<S> {
    /// A stream of frames as it is.
    pub(in crate::drive) fn plain(stream: S) -> Self {
        Self(Layered::Plain(stream))
    }

    /// How the connection ends, for the layers that say so at their end.
    pub(in crate::drive) fn set_parting(&mut self, parting: Parting) {
        match &mut self.0 {
            #[cfg(feature = "websocket")]
            Layered::Web(stream) => stream.set_parting(parting),
            #[cfg(all(feature = "tls", feature = "websocket"))]
            Layered::SecureWeb(stream) => stream.set_parting(parting),
            _ => {
                let _ = parting;
            }
        }
    }

    /// How many bytes the layers of our own making keep.
    #[cfg(feature = "testing")]
    pub(in crate::drive) fn kept(&self) -> usize {
        match &self.0 {
            #[cfg(feature = "websocket")]
            Layered::Web(stream) => stream.kept(),
            #[cfg(all(feature = "tls", feature = "websocket"))]
            Layered::SecureWeb(stream) => stream.kept(),
            _ => 0,
        }
    }

    /// Whether there is more to say at the end than that it is the end.
    pub(super) fn has_last_words(&self) -> bool {
        !matches!(self.0, Layered::Plain(_))
    }
}

impl<S: ByteStream> ByteStream for Channel<S> {
    const LINGERS: bool = S::LINGERS;

    fn remote_addr(&self) -> Option<SocketAddr> {
        match &self.0 {
            Layered::Plain(stream) => stream.remote_addr(),
            #[cfg(feature = "tls")]
            Layered::Tls(stream) => stream.remote_addr(),
            #[cfg(feature = "websocket")]
            Layered::Web(stream) => stream.remote_addr(),
            #[cfg(all(feature = "tls", feature = "websocket"))]
            Layered::SecureWeb(stream) => stream.remote_addr(),
        }
    }

    fn is_inside(&self) -> bool {
        match &self.0 {
            #[cfg(feature = "websocket")]
            Layered::Web(stream) => stream.is_inside(),
            #[cfg(all(feature = "tls", feature = "websocket"))]
            Layered::SecureWeb(stream) => stream.is_inside(),
            _ => false,
        }
    }

    fn take_overhead(&mut self) -> usize {
        match &mut self.0 {
            Layered::Plain(stream) => stream.take_overhead(),
            #[cfg(feature = "tls")]
            Layered::Tls(stream) => stream.take_overhead(),
            #[cfg(feature = "websocket")]
            Layered::Web(stream) => stream.take_overhead(),
            #[cfg(all(feature = "tls", feature = "websocket"))]
            Layered::SecureWeb(stream) => stream.take_overhead(),
        }
    }

    fn poll_read<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
        scratch: &'a mut [u8],
    ) -> Poll<io::Result<&'a [u8]>> {
        match &mut self.0 {
            Layered::Plain(stream) => stream.poll_read(cx, &mut scratch[..READ_SIZE]),
            #[cfg(feature = "tls")]
            Layered::Tls(stream) => stream.poll_read(cx, &mut scratch[..READ_SIZE]),
            #[cfg(feature = "websocket")]
            Layered::Web(stream) => stream.poll_read(cx, scratch),
            #[cfg(all(feature = "tls", feature = "websocket"))]
            Layered::SecureWeb(stream) => stream.poll_read(cx, scratch),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Layered::Plain(stream) => stream.poll_write(cx, bytes),
            #[cfg(feature = "tls")]
            Layered::Tls(stream) => stream.poll_write(cx, bytes),
            #[cfg(feature = "websocket")]
            Layered::Web(stream) => stream.poll_write(cx, bytes),
            #[cfg(all(feature = "tls", feature = "websocket"))]
            Layered::SecureWeb(stream) => stream.poll_write(cx, bytes),
        }
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Layered::Plain(stream) => stream.poll_shutdown(cx),
            #[cfg(feature = "tls")]
            Layered::Tls(stream) => stream.poll_shutdown(cx),
            #[cfg(feature = "websocket")]
            Layered::Web(stream) => stream.poll_shutdown(cx),
            #[cfg(all(feature = "tls", feature = "websocket"))]
            Layered::SecureWeb(stream) => stream.poll_shutdown(cx),
        }
    }
}
