//! How the connections over one endpoint are treated.

use core::net::SocketAddr;
use std::sync::Arc;

use super::middleware::{BytesMiddleware, MessageMiddleware};
use super::stack::Stack;
use crate::line::Opening;
use crate::schema::Role;
use crate::wire::{Decoder, Encoder};

/// How the connections over one endpoint are treated: who is at the other end, and what is done to their bytes.
///
/// A node with endpoints of its own makes these by [`NodeBuilder::listen`](crate::NodeBuilder::listen) and
/// [`NodeBuilder::connect`](crate::NodeBuilder::connect). Who drives a node by hand gives one with every
/// [`Node::handle_opened`](crate::Node::handle_opened); clones are cheap.
#[derive(Clone, Debug)]
pub struct ConnectionConfig {
    pub(super) opening: Opening,
    /// What this node is to the other side; `None`: as the node or the opening says.
    pub(super) role: Option<Role>,
    pub(super) peer: Role,
    /// Where the other side is, if it has an address.
    pub(super) remote: Option<SocketAddr>,
    /// What is done to what passes, if anything is.
    pub(super) stack: Option<Arc<Stack>>,
    /// Whether the transport carries datagrams beside the stream.
    pub(super) datagrams: bool,
}

impl ConnectionConfig {
    /// For connections that this node accepts; the other side has the role client, unless told otherwise.
    pub fn accepted() -> Self {
        Self {
            opening: Opening::Accepted,
            role: None,
            peer: Role::CLIENT,
            remote: None,
            stack: None,
            datagrams: false,
        }
    }

    /// For connections that this node makes; the other side has the role server, unless told otherwise.
    pub fn dialed() -> Self {
        Self {
            opening: Opening::Dialed,
            role: None,
            peer: Role::SERVER,
            remote: None,
            stack: None,
            datagrams: false,
        }
    }

    /// What this node is to the other side; if nothing is said, [what it is anyway](crate::NodeBuilder::role).
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// What the other side is to this node.
    #[must_use]
    pub fn peer_role(mut self, role: Role) -> Self {
        self.peer = role;
        self
    }

    /// Where the other side is, for [limits](crate::Limits) on connections from one address and for
    /// [`Connection::remote_addr`](crate::Connection::remote_addr). A driver says so for each connection that has an
    /// address.
    #[must_use]
    pub fn remote(mut self, address: SocketAddr) -> Self {
        self.remote = Some(address);
        self
    }

    /// Adds what is done to the datagrams of each connection: `make` makes one for each. What is sent passes first
    /// through what was added first, what is received first through what was added last.
    #[must_use]
    pub fn middleware<M: BytesMiddleware>(self, make: impl Fn() -> M + Send + Sync + 'static) -> Self {
        self.with_stack(|stack| stack.add_bytes(make))
    }

    /// Adds what is done to messages: `make` makes one for what is sent, and one for each connection. What is sent
    /// passes first through what was added first, what is received first through what was added last.
    #[must_use]
    pub fn message_middleware<M: MessageMiddleware>(
        self,
        make: impl Fn() -> M + Send + Sync + 'static,
    ) -> Self {
        self.with_stack(|stack| stack.add_messages(make))
    }

    /// Sends and expects messages in another form than msgpack.
    #[must_use]
    pub fn encoder(self, encoder: impl Encoder + Decoder) -> Self {
        let encoder = Arc::new(encoder);
        self.with_stack(|stack| {
            stack.encoder = Some(Arc::clone(&encoder) as Arc<dyn Encoder>);
            stack.decoder = Some(encoder);
        })
    }

    /// Sends messages in another form than msgpack. What is expected stays as it is.
    #[must_use]
    pub fn send_encoder(self, encoder: impl Encoder) -> Self {
        self.with_stack(|stack| stack.encoder = Some(Arc::new(encoder)))
    }

    /// Expects messages in another form than msgpack. What is sent stays as it is.
    #[must_use]
    pub fn receive_decoder(self, decoder: impl Decoder) -> Self {
        self.with_stack(|stack| stack.decoder = Some(Arc::new(decoder)))
    }

    /// Whether the transport carries datagrams beside the stream, for what says `via = unreliable` or `sequenced`. They
    /// are then in [`Transmit::datagrams`](crate::Transmit), and those that come go to
    /// [`Node::handle_datagram`](crate::Node::handle_datagram). Where middleware or an encoder is to see all that
    /// passes, everything goes over the stream.
    #[must_use]
    pub fn datagrams(self, datagrams: bool) -> Self {
        Self { datagrams, ..self }
    }

    /// Whether the datagrams that are sent are texts.
    #[cfg(feature = "websocket")]
    #[cfg_attr(
        not(any(feature = "tokio", feature = "threads", feature = "poll")),
        allow(dead_code, reason = "without a driver there is memory alone")
    )]
    pub(crate) fn sends_text(&self) -> bool {
        self.stack.as_ref().is_some_and(|stack| {
            stack.bytes.is_empty() && stack.encoder.as_ref().is_some_and(|encoder| encoder.is_text())
        })
    }

    fn with_stack(mut self, change: impl FnOnce(&mut Stack)) -> Self {
        // A clone that was made before keeps what it has.
        change(Arc::make_mut(self.stack.get_or_insert_default()));
        self
    }
}
