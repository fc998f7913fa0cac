//! Endpoints: where a node listens and what it connects to, as plain data that drivers read.

use std::marker::PhantomData;
use std::str::FromStr;

use super::address::{Address, AddressError, Scheme};
use super::memory;
#[cfg(feature = "tls")]
use super::security::{Identity, Trust};
use crate::edge::{BytesMiddleware, ConnectionConfig, MessageMiddleware};
use crate::schema::Role;
use crate::wire::{Decoder, Encoder};

/// TCP endpoints, by address.
///
/// An address is a `host:port`; names are resolved when the node starts. Port 0 takes any free port, which
/// `running.local_addr()` tells.
#[derive(Clone, Copy, Debug)]
pub struct Tcp;

impl Tcp {
    /// Listens at `address`.
    pub fn bind(address: impl Into<String>) -> Listen {
        Listen::at(Address::new(Scheme::Tcp, address))
    }

    /// Connects to `address`.
    pub fn connect(address: impl Into<String>) -> Connect {
        Connect::to(Address::new(Scheme::Tcp, address))
    }
}

/// Unix sockets, by the path of a file: connections between processes of one machine, let in by the file's permissions.
///
/// The file comes with the listener and goes with it. One that was left behind by a program that is gone is replaced.
#[cfg(unix)]
#[derive(Clone, Copy, Debug)]
pub struct Unix;

#[cfg(unix)]
impl Unix {
    /// Listens at `path`.
    pub fn bind(path: impl Into<String>) -> Listen {
        Listen::at(Address::new(Scheme::Unix, path))
    }

    /// Connects to `path`.
    pub fn connect(path: impl Into<String>) -> Connect {
        Connect::to(Address::new(Scheme::Unix, path))
    }
}

/// TLS over TCP, by address: nobody on the way can read or change what is said, and who connects knows who answers.
///
/// The certificate of a listener is its [`identity`](Listen::identity); whom a connector believes is its
/// [`trust`](Connect::trust), or a fingerprint in the address, `localhost:5001#sha256=…`.
#[cfg(feature = "tls")]
#[derive(Clone, Copy, Debug)]
pub struct Tls;

#[cfg(feature = "tls")]
impl Tls {
    /// Listens at `address`.
    pub fn bind(address: impl Into<String>) -> Listen {
        Listen::at(Address::new(Scheme::Tls, address))
    }

    /// Connects to `address`.
    pub fn connect(address: impl Into<String>) -> Connect {
        Connect::to(Address::new(Scheme::Tls, address))
    }
}

/// UDP as QUIC, by address: what says `via = unreliable` or `sequenced` waits for nothing that was lost on its way, and
/// a peer that changes its network stays connected. All of it is encrypted.
///
/// The certificate of a listener is its [`identity`](Listen::identity); whom a connector believes is its
/// [`trust`](Connect::trust), or a fingerprint in the address, `localhost:5001#sha256=…`.
#[cfg(feature = "udp")]
#[derive(Clone, Copy, Debug)]
pub struct Udp;

#[cfg(feature = "udp")]
impl Udp {
    /// Listens at `address`.
    pub fn bind(address: impl Into<String>) -> Listen {
        Listen::at(Address::new(Scheme::Udp, address))
    }

    /// Connects to `address`.
    pub fn connect(address: impl Into<String>) -> Connect {
        Connect::to(Address::new(Scheme::Udp, address))
    }
}

/// WebSockets, by address: for peers in browsers, and where nothing but the web passes.
///
/// Each datagram is a binary message; where the endpoint's encoder [writes text](crate::Encoder::is_text), as `Json`
/// does, it is one of text. Pages may connect if they come from the same host, or from one of the
/// [`origins`](Listen::origins) that are allowed; programs may always. A listener answers for any path, a connector
/// asks for the one in its address, `localhost:5001/play`. Nothing is compressed.
#[cfg(feature = "websocket")]
#[derive(Clone, Copy, Debug)]
pub struct Ws;

#[cfg(feature = "websocket")]
impl Ws {
    /// Listens at `address`.
    pub fn bind(address: impl Into<String>) -> Listen {
        Listen::at(Address::new(Scheme::Ws, address))
    }

    /// Connects to `address`.
    pub fn connect(address: impl Into<String>) -> Connect {
        Connect::to(Address::new(Scheme::Ws, address))
    }
}

/// WebSockets over TLS, by address: what [`Ws`] says and what [`Tls`] says.
#[cfg(all(feature = "tls", feature = "websocket"))]
#[derive(Clone, Copy, Debug)]
pub struct Wss;

#[cfg(all(feature = "tls", feature = "websocket"))]
impl Wss {
    /// Listens at `address`.
    pub fn bind(address: impl Into<String>) -> Listen {
        Listen::at(Address::new(Scheme::Wss, address))
    }

    /// Connects to `address`.
    pub fn connect(address: impl Into<String>) -> Connect {
        Connect::to(Address::new(Scheme::Wss, address))
    }
}

/// One place where a node listens ([`Listen`]) or one that it connects to ([`Connect`]), and how the connections there
/// are treated.
#[derive(Debug)]
#[must_use = "an endpoint does nothing until a node has it"]
pub struct Endpoint<D> {
    pub(super) config: EndpointConfig,
    direction: PhantomData<D>,
}

/// Something to listen on, for [`NodeBuilder::listen`](crate::NodeBuilder::listen).
pub type Listen = Endpoint<Listening>;

/// Something to connect to, for [`NodeBuilder::connect`](crate::NodeBuilder::connect).
pub type Connect = Endpoint<Connecting>;

/// Marks an [`Endpoint`] that connections come to.
#[derive(Clone, Copy, Debug)]
pub enum Listening {}

/// Marks an [`Endpoint`] that a connection is made to.
#[derive(Clone, Copy, Debug)]
pub enum Connecting {}

impl<D> Endpoint<D> {
    fn new(kind: EndpointKind, connection: ConnectionConfig) -> Self {
        let around = Around::default();
        Self { config: EndpointConfig { kind, connection, around }, direction: PhantomData }
    }

    /// What this node is to those at the other end; if nothing is said, [what it is
    /// anyway](crate::NodeBuilder::role).
    pub fn role(self, role: Role) -> Self {
        self.configure(|connection| connection.role(role))
    }

    /// What those at the other end are to this node: clients where it listens and the server where it connects, unless
    /// this says otherwise.
    pub fn peer_role(self, role: Role) -> Self {
        self.configure(|connection| connection.peer_role(role))
    }

    /// Adds what is done to the datagrams of each connection here: `make` makes one for each. What is sent passes
    /// first through what was added first, what is received first through what was added last.
    pub fn middleware<M: BytesMiddleware>(self, make: impl Fn() -> M + Send + Sync + 'static) -> Self {
        self.configure(|connection| connection.middleware(make))
    }

    /// Adds what is done to messages here: `make` makes one for what is sent, and one for each connection. What is sent
    /// passes first through what was added first, what is received first through what was added last.
    pub fn message_middleware<M: MessageMiddleware>(
        self,
        make: impl Fn() -> M + Send + Sync + 'static,
    ) -> Self {
        self.configure(|connection| connection.message_middleware(make))
    }

    /// Sends and expects messages in another form than msgpack.
    pub fn encoder(self, encoder: impl Encoder + Decoder) -> Self {
        self.configure(|connection| connection.encoder(encoder))
    }

    /// Sends messages in another form than msgpack. What is expected stays as it is.
    pub fn send_encoder(self, encoder: impl Encoder) -> Self {
        self.configure(|connection| connection.send_encoder(encoder))
    }

    /// Expects messages in another form than msgpack. What is sent stays as it is.
    pub fn receive_decoder(self, decoder: impl Decoder) -> Self {
        self.configure(|connection| connection.receive_decoder(decoder))
    }

    /// What it was told.
    #[cfg(all(feature = "testing", any(feature = "tokio", feature = "threads", feature = "poll")))]
    pub(crate) fn into_config(self) -> EndpointConfig {
        self.config
    }

    fn configure(mut self, change: impl FnOnce(ConnectionConfig) -> ConnectionConfig) -> Self {
        self.config.connection = change(self.config.connection);
        self
    }
}

impl Listen {
    fn at(address: Address) -> Self {
        Self::new(EndpointKind::Listen(address), ConnectionConfig::accepted())
    }

    /// How a listener with TLS proves who it is; if nothing is said, by a certificate that is made when the node
    /// starts.
    #[cfg(feature = "tls")]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.config.around.identity = Some(identity);
        self
    }

    /// The pages that may connect to a WebSocket, beside those of the same host: each as browsers name it,
    /// `https://game.example`. A page that was opened from a file is `null`; `*` is all of them.
    ///
    /// Programs that are no browsers name none, and may connect always: this protects the people who look at pages, not
    /// the server. Pages of the same host are known by comparing what the browser says of both, and a name that a
    /// stranger has made point here passes that: in production name the origins, and look at `Host` in a proxy before.
    #[cfg(feature = "websocket")]
    pub fn origins<O: Into<String>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.config.around.origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }
}

impl Connect {
    fn to(address: Address) -> Self {
        Self::new(EndpointKind::Connect(address), ConnectionConfig::dialed())
    }

    /// Whom a connector with TLS believes; if nothing is said, its address must name a fingerprint.
    #[cfg(feature = "tls")]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.config.around.trust = Some(trust);
        self
    }
}

/// Reads an address with its scheme, such as `tcp://0.0.0.0:5001` or `unix:///run/game.sock`; without one it is of TCP.
///
/// ```
/// let listen: magicnet::Listen = "tcp://127.0.0.1:5001".parse()?;
/// # drop(listen);
/// # Ok::<(), magicnet::AddressError>(())
/// ```
impl FromStr for Listen {
    type Err = AddressError;

    fn from_str(address: &str) -> Result<Self, AddressError> {
        address.parse().map(Self::at)
    }
}

/// Reads an address with its scheme, such as `tcp://localhost:5001` or `unix:///run/game.sock`; without one it is of
/// TCP.
impl FromStr for Connect {
    type Err = AddressError;

    fn from_str(address: &str) -> Result<Self, AddressError> {
        address.parse().map(Self::to)
    }
}

/// What [`listen`](crate::NodeBuilder::listen) and [`connect`](crate::NodeBuilder::connect) take: an endpoint, or a
/// place in memory that becomes one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no endpoint of this direction",
    label = "not one to be used here",
    note = "a server listens on `Tcp::bind(\"127.0.0.1:5001\")` or on the port of `memory::port()`",
    note = "a client connects to `Tcp::connect(\"127.0.0.1:5001\")` or by the dial of `memory::port()`"
)]
pub trait IntoEndpoint<D>: Into<Endpoint<D>> {}

#[diagnostic::do_not_recommend]
impl<D, T: Into<Endpoint<D>>> IntoEndpoint<D> for T {}

impl From<memory::Port> for Listen {
    fn from(port: memory::Port) -> Self {
        Self::new(EndpointKind::MemoryListen(port), ConnectionConfig::accepted())
    }
}

impl From<memory::Dial> for Connect {
    fn from(dial: memory::Dial) -> Self {
        Self::new(EndpointKind::MemoryConnect(dial), ConnectionConfig::dialed())
    }
}

/// An endpoint as a driver takes it over.
#[derive(Debug)]
pub(crate) struct EndpointConfig {
    pub(crate) kind: EndpointKind,
    pub(crate) connection: ConnectionConfig,
    pub(crate) around: Around,
}

/// What was said of what lies around an endpoint's frames.
#[derive(Debug, Default)]
pub(crate) struct Around {
    #[cfg(feature = "tls")]
    pub(crate) identity: Option<Identity>,
    #[cfg(feature = "tls")]
    pub(crate) trust: Option<Trust>,
    #[cfg(feature = "websocket")]
    pub(crate) origins: Option<Vec<String>>,
}

impl EndpointConfig {
    /// Whether the node makes a connection there, rather than waiting for some.
    pub(crate) fn is_dialed(&self) -> bool {
        matches!(self.kind, EndpointKind::Connect(_) | EndpointKind::MemoryConnect(_))
    }

    /// What was said of it that means nothing there: where, and what.
    pub(super) fn fault(&self) -> Option<(String, &'static str)> {
        let address = match &self.kind {
            EndpointKind::Listen(address) | EndpointKind::Connect(address) => Some(address),
            EndpointKind::MemoryListen(_) | EndpointKind::MemoryConnect(_) => None,
        };
        let place = || address.map_or_else(|| "a port in memory".to_owned(), ToString::to_string);
        if matches!(&self.kind, EndpointKind::Listen(address) if address.names_fingerprint()) {
            return Some((
                place(),
                "say in its fingerprint: that is of its certificate, for those who connect",
            ));
        }
        #[cfg(feature = "tls")]
        if (self.around.identity.is_some() || self.around.trust.is_some())
            && !address.is_some_and(Address::is_secure)
        {
            return Some((place(), "certificates: use `Tls` or another that is encrypted"));
        }
        #[cfg(feature = "websocket")]
        if self.around.origins.is_some() && !address.is_some_and(Address::is_web) {
            return Some((place(), "pages to let in: use `Ws` or `Wss`"));
        }
        let _ = (place, Address::is_web, Address::is_secure);
        None
    }
}

#[derive(Debug)]
pub(crate) enum EndpointKind {
    Listen(Address),
    Connect(Address),
    MemoryListen(memory::Port),
    MemoryConnect(memory::Dial),
}
