//! Encoders: other forms of a datagram than msgpack, which is the line's own.
//!
//! Inside a node a message is always msgpack. An endpoint whose peers want another form has an [`Encoder`] for what it
//! sends and a [`Decoder`] for what it receives; the two need not be of one kind.

use std::borrow::Cow;

use super::{RawMessage, ScanError, ScanLimits};

/// Writes messages in a form of its own.
///
/// It works on one message at a time, so that what many connections receive is written once; what stands around and
/// between the messages of a datagram is its [`envelope`](Self::envelope).
///
/// ```
/// use magicnet::wire::{EncodingError, RawMessage};
/// use magicnet::Encoder;
///
/// /// msgpack, each message behind its length.
/// struct Prefixed;
///
/// impl Encoder for Prefixed {
///     fn encode(&self, message: &RawMessage<'_>, datagram: &mut Vec<u8>) -> Result<(), EncodingError> {
///         let len = u16::try_from(message.bytes.len()).expect("a message is no larger than a frame");
///         datagram.extend(len.to_be_bytes());
///         datagram.extend(message.bytes);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not encode messages",
    label = "not an encoder",
    note = "msgpack needs no encoder; with the cargo feature `json` there is `Json`, and others implement `Encoder`"
)]
pub trait Encoder: Send + Sync + 'static {
    /// What stands around and between the messages of a datagram: nothing, if it does not say.
    fn envelope(&self) -> Envelope {
        Envelope::default()
    }

    /// Whether what it writes is text, in UTF-8: then it goes over a WebSocket as such. No, if it does not say.
    fn is_text(&self) -> bool {
        false
    }

    /// Appends one message to `datagram`.
    ///
    /// A message whose form is larger than a frame cannot be sent: the connections that were to receive it are ended
    /// with a reason, rather than left without it.
    ///
    /// # Errors
    ///
    /// When the form has no words for what the message holds. Its recipients are disconnected then, too.
    fn encode(&self, message: &RawMessage<'_>, datagram: &mut Vec<u8>) -> Result<(), EncodingError>;
}

/// Reads what peers write in a form of their own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not decode messages",
    label = "not a decoder",
    note = "msgpack needs no decoder; with the cargo feature `json` there is `Json`, and others implement `Decoder`"
)]
pub trait Decoder: Send + Sync + 'static {
    /// Appends the messages of `datagram` to `messages`, as msgpack, one after the other.
    ///
    /// The bytes are a stranger's: nothing in them may cause a panic, nor more memory than a few frames. What comes out
    /// is checked as if it had come as msgpack, by the same `limits`; a decoder that works without recursion and makes
    /// no more than it reads need not look at them.
    ///
    /// # Errors
    ///
    /// When the datagram is not of the form. None of its messages is handled then, and the peer is disconnected.
    fn decode(
        &self,
        datagram: &[u8],
        limits: ScanLimits,
        messages: &mut Vec<u8>,
    ) -> Result<(), EncodingError>;
}

/// What stands around and between the messages of a datagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Before the first.
    pub open: &'static [u8],
    /// Between two.
    pub between: &'static [u8],
    /// Behind the last.
    pub close: &'static [u8],
}

/// Why something cannot be said in another form, or is not of that form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodingError {
    /// The bytes are not of the form, or the form has no words for the value.
    #[error("{0}")]
    Form(Cow<'static, str>),
    /// A message is nested too deep or has too many elements.
    #[error(transparent)]
    Limit(#[from] ScanError),
}

impl EncodingError {
    /// The bytes are not of the form, or the form has no words for a value; `what` says it in a few words.
    pub fn form(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Form(what.into())
    }
}
