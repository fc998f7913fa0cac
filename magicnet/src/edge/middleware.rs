//! Middleware: what an endpoint does to everything that passes over it.
//!
//! [`BytesMiddleware`] works on datagrams, for compression and encryption; [`MessageMiddleware`] on messages, for
//! audits, filters and limits. An endpoint has any number of both. What is sent passes through the messages' from the
//! first that was added to the last, is encoded, and passes through the bytes' from first to last; what is received
//! takes the same way back. Everything passes, the handshake and the last goodbye included.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::fault::Fault;
use crate::line::{ConnectionId, Disconnect, Opening};
use crate::schema::{DecodeMessage, Message};
use crate::wire::{
    AnyValue, Arguments, DecodeError, EncodeFault, MAX_FRAME, MessageId, RawMessage, Value, Writer,
    encode_custom,
};

/// What becomes of something that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on, as it is now.
    Pass,
    /// It ends here, and nobody is told.
    Drop,
}

/// What is done to the datagrams of one connection: the bytes of a frame, without its length.
///
/// Each connection has its own, made by the function that was given to
/// [`middleware`](crate::ConnectionConfig::middleware), so what it keeps is the connection's. A panic in it ends the
/// connection, not the node.
///
/// ```
/// use magicnet::{BytesMiddleware, Disconnect, Tcp, Verdict};
///
/// /// Every byte is turned by a number that moves on, so that both ends must see all bytes in order.
/// #[derive(Default)]
/// struct Rotor { sent: u8, received: u8 }
///
/// impl BytesMiddleware for Rotor {
///     fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
///         for byte in datagram {
///             *byte = byte.wrapping_add(self.sent);
///             self.sent = self.sent.wrapping_add(1);
///         }
///         Ok(Verdict::Pass)
///     }
///     fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
///         for byte in datagram {
///             *byte = byte.wrapping_sub(self.received);
///             self.received = self.received.wrapping_add(1);
///         }
///         Ok(Verdict::Pass)
///     }
/// }
///
/// let endpoint = Tcp::bind("127.0.0.1:0").middleware(Rotor::default);
/// # let _ = endpoint;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not work on bytes",
    label = "not byte middleware",
    note = "implement `BytesMiddleware` for it; what implements `MessageMiddleware` goes to `message_middleware`"
)]
pub trait BytesMiddleware: Send + 'static {
    /// Told once, before anything passes: whose state this is, and which side of the connection we are.
    fn opened(&mut self, connection: ConnectionId, opening: Opening) {
        let _ = (connection, opening);
    }

    /// The most bytes that [`send`](Self::send) adds to a datagram. Asked once, when the connection opens.
    ///
    /// Datagrams are kept that much smaller than a frame. A datagram that is larger than a frame all the same, or a
    /// single message that leaves no room for so much, ends the connection with a reason.
    fn overhead(&self) -> usize {
        0
    }

    /// A datagram on its way out. One that is empty afterwards is dropped.
    ///
    /// # Errors
    ///
    /// Ends the connection: what passed before is sent, then the goodbye, which passes here too.
    fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        let _ = datagram;
        Ok(Verdict::Pass)
    }

    /// A datagram that came in, and what stands in it is up to the peer.
    ///
    /// What it is turned into may take no more than a frame; a larger one ends the connection. Whoever unpacks does
    /// well to stop there, at [`MAX_FRAME`], rather than to fill memory first.
    ///
    /// # Errors
    ///
    /// Ends the connection; nothing of this datagram is handled.
    fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        let _ = datagram;
        Ok(Verdict::Pass)
    }
}

/// What is done to each message that passes over an endpoint.
///
/// The function that was given to [`message_middleware`](crate::ConnectionConfig::message_middleware) is called once
/// for the endpoint and once for each of its connections. The connection's own has its [`receive`](Self::receive)
/// called; the endpoint's has its [`send`](Self::send) called, **once for each message, however many receive it**: all
/// see the same outcome, and `Err` ends the connections of all who were to receive the message. Messages that no
/// connection of the endpoint receives do not pass; each connection's pass in the order in which it receives them.
///
/// Where that is not enough, [`is_per_recipient`](Self::is_per_recipient) says so: then the connection's own has its
/// `send` called as well, for each message and each who receives it, and messages are not shared any more.
///
/// A panic ends the connections concerned, not the node.
///
/// ```
/// use magicnet::{Disconnect, MessageMiddleware, PassingMessage, Tcp, Verdict};
///
/// /// No more than so many messages from each connection.
/// struct Quota(u32);
///
/// impl MessageMiddleware for Quota {
///     fn receive(&mut self, _: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
///         self.0 = self.0.checked_sub(1).ok_or(Disconnect::new(11, "that is enough"))?;
///         Ok(Verdict::Pass)
///     }
/// }
///
/// let endpoint = Tcp::bind("127.0.0.1:0").message_middleware(|| Quota(10_000));
/// # let _ = endpoint;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not work on messages",
    label = "not message middleware",
    note = "implement `MessageMiddleware` for it; what implements `BytesMiddleware` goes to `middleware`"
)]
pub trait MessageMiddleware: Send + 'static {
    /// Whether [`send`](Self::send) is called for each who receives a message, rather than once for all.
    ///
    /// Everything that stands behind this one is then called for each, too. Asked once for an endpoint.
    fn is_per_recipient(&self) -> bool {
        false
    }

    /// A message on its way out.
    ///
    /// # Errors
    ///
    /// Ends the connections of those who were to receive it; what passed before is sent.
    fn send(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        let _ = message;
        Ok(Verdict::Pass)
    }

    /// A message that came in: whole and within limits, but not yet checked by anything else. What follows checks what
    /// it was turned into.
    ///
    /// # Errors
    ///
    /// Ends the connection; neither this message nor what follows it is handled.
    fn receive(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        let _ = message;
        Ok(Verdict::Pass)
    }
}

/// A message on its way through [`MessageMiddleware`]: to be read, and to be replaced.
#[derive(Debug)]
pub struct PassingMessage<'a> {
    connection: Option<ConnectionId>,
    id: MessageId,
    /// The whole message, as it came.
    original: &'a [u8],
    /// The whole message, if it was replaced; empty otherwise.
    changed: &'a mut Vec<u8>,
}

impl<'a> PassingMessage<'a> {
    pub(super) fn new(
        raw: &RawMessage<'a>,
        connection: Option<ConnectionId>,
        changed: &'a mut Vec<u8>,
    ) -> Self {
        changed.clear();
        Self { connection, id: raw.id, original: raw.bytes, changed }
    }

    /// Who sent it, or who is to receive it. `None` where it passes once for all who receive it.
    pub fn connection(&self) -> Option<ConnectionId> {
        self.connection
    }

    /// Its number.
    pub fn id(&self) -> MessageId {
        self.id
    }

    /// Its parameters, not looked into.
    pub fn params(&self) -> Arguments<'_> {
        self.raw().params
    }

    /// The whole message: what [`ProtocolMessage::decode`](crate::wire::ProtocolMessage::decode) wants.
    pub fn raw(&self) -> RawMessage<'_> {
        RawMessage::parse(self.bytes()).expect("it was parsed before, or made here")
    }

    /// Its bytes, as msgpack.
    pub fn bytes(&self) -> &[u8] {
        if self.changed.is_empty() { self.original } else { self.changed }
    }

    /// The message as what it was declared as, if it is an `M`.
    ///
    /// # Errors
    ///
    /// When its parameters are not those of an `M`.
    pub fn read<'m, M: DecodeMessage<'m>>(&'m self) -> Option<Result<M, DecodeError>> {
        let mut params = (self.id == M::MESSAGE.id).then(|| self.params())?;
        Some(M::decode(&mut params).and_then(|message| params.finish().map(|_| message)))
    }

    /// Its parameters, whatever they are.
    ///
    /// # Errors
    ///
    /// When one is nested too deep or holds a text that is not UTF-8.
    pub fn values(&self) -> Result<Vec<AnyValue>, DecodeError> {
        self.params().any_float(|params| {
            let mut values = Vec::new();
            while params.left() > 0 {
                values.push(params.next::<Value<MAX_FRAME>>("parameter")?.into_inner());
            }
            Ok(values)
        })
    }

    /// Puts another message in its place.
    ///
    /// # Errors
    ///
    /// When a value of it cannot be sent, or it is larger than a frame. The message is then what it was.
    pub fn replace<M: Message>(&mut self, message: &M) -> Result<(), EncodeFault> {
        self.write(M::MESSAGE.id, |w| message.encode(w))
    }

    /// Puts a message of any number and parameters in its place.
    ///
    /// # Errors
    ///
    /// When an integer has more than 64 bits, or it is larger than a frame. The message is then what it was.
    pub fn replace_values(&mut self, id: MessageId, params: &[AnyValue]) -> Result<(), EncodeFault> {
        self.write(id, |w| {
            w.set_any_float(true);
            w.array(params.len());
            params.iter().for_each(|value| value.encode(w));
        })
    }

    pub(super) fn into_bytes(self) -> &'a [u8] {
        if self.changed.is_empty() { self.original } else { self.changed }
    }

    fn write(&mut self, id: MessageId, params: impl FnOnce(&mut Writer<'_>)) -> Result<(), EncodeFault> {
        // Behind what is there, which stays if this cannot be sent.
        let start = self.changed.len();
        let mut writer = Writer::new(self.changed);
        encode_custom(&mut writer, id, params);
        let fault = writer.fault();
        let len = self.changed.len() - start;
        if let Some(fault) = fault.or((len > MAX_FRAME).then_some(EncodeFault::TooLarge(len))) {
            self.changed.truncate(start);
            return Err(fault);
        }
        self.changed.drain(..start);
        self.id = id;
        Ok(())
    }
}

/// Lets an application's code work on what passes. Its panic ends the connection, as its refusal does.
pub(super) fn guarded<T>(act: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    // What it keeps is not used again after a panic, but to say goodbye.
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| {
        tracing::error!("a middleware or an encoder panicked");
        Err(Fault::Panicked)
    })
}
