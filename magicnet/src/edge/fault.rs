//! What a peer does wrong, and the one place that maps it to the reason it is told.

use crate::line::Disconnect;
use crate::rate::Rate;
use crate::wire::{DisconnectReason, EncodingError, MessageError, MessageId, ScanError};

/// Why the edge ends a connection.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Malformed(#[from] MessageError),
    #[error("{id}: {what}")]
    BadParameters { id: MessageId, what: String },
    #[error("HELLO was sent twice")]
    HelloTwice,
    #[error("version {0} of the protocol")]
    WrongVersion(u16),
    #[error("another network hash")]
    WrongHash,
    #[error("{0} before HELLO")]
    BeforeHello(MessageId),
    #[error("{0} is not this side's to send")]
    WrongDirection(MessageId),
    #[error("{0} beside the stream, where only calls and messages of applications may be")]
    BesideStream(MessageId),
    #[error("more than {0} shared parameters")]
    TooManyParameters(usize),
    #[error("a shared parameter of more than {0} bytes")]
    LargeParameter(usize),
    #[error("shared parameters of more than {0} bytes together")]
    LargeParameters(usize),
    #[error("no handshake in time")]
    HandshakeTimeout,
    #[error("no end of a frame in time")]
    FrameTimeout,
    #[error("more than {0} bytes unread")]
    TooSlow(usize),
    #[error("missed what is said once, for reading too slowly")]
    Missed,
    #[error("more than {0} bytes asked for at once")]
    TooMuchAsked(usize),
    #[error("more than {rate} {of}")]
    TooFast { rate: Rate, of: &'static str },
    #[error("no sign of life")]
    Silent,
    #[error("all {0} places are taken")]
    TooManyConnections(usize),
    #[error("more than {0} connections from one address")]
    TooManyFromThere(usize),
    #[error("more than {0} wait to be let in")]
    TooManyWait(usize),
    #[error("more than {0} handshakes at once")]
    TooManyHandshakes(usize),
    /// A middleware wants it so.
    #[error("{}", .0.detail)]
    Refused(Disconnect),
    #[error("not what the encoder reads: {0}")]
    Encoding(EncodingError),
    #[error("a datagram that unpacks to {0} bytes")]
    Unpacked(usize),
    #[error("a message that no encoder can write: {0}")]
    NotEncoded(EncodingError),
    #[error("a message that no middleware can read: {0}")]
    NotRead(MessageError),
    #[error("{len} bytes to send, where {limit} fit")]
    TooLarge { len: usize, limit: usize },
    #[error("a middleware panicked")]
    Panicked,
}

impl Fault {
    pub(super) fn reason(&self) -> DisconnectReason {
        match self {
            Self::Malformed(MessageError::Scan(ScanError::TooDeep | ScanError::TooManyElements))
            | Self::Encoding(EncodingError::Limit(_)) => DisconnectReason::TOO_COMPLEX,
            Self::Malformed(_) | Self::BadParameters { .. } | Self::Encoding(_) => {
                DisconnectReason::MALFORMED
            }
            Self::HelloTwice => DisconnectReason::HELLO_TWICE,
            Self::WrongVersion(_) => DisconnectReason::WRONG_VERSION,
            Self::WrongHash => DisconnectReason::WRONG_HASH,
            Self::BeforeHello(_) => DisconnectReason::MESSAGE_BEFORE_HELLO,
            Self::WrongDirection(_) | Self::BesideStream(_) => DisconnectReason::WRONG_DIRECTION,
            Self::TooManyParameters(_)
            | Self::LargeParameter(_)
            | Self::LargeParameters(_)
            | Self::TooMuchAsked(_)
            | Self::TooFast { .. }
            | Self::TooManyConnections(_)
            | Self::TooManyFromThere(_)
            | Self::TooManyHandshakes(_)
            | Self::TooManyWait(_)
            | Self::Unpacked(_) => DisconnectReason::LIMIT,
            Self::HandshakeTimeout | Self::FrameTimeout | Self::Silent => DisconnectReason::TIMED_OUT,
            Self::TooSlow(_) | Self::Missed => DisconnectReason::TOO_SLOW,
            Self::Refused(why) => why.reason,
            Self::NotEncoded(_) | Self::NotRead(_) | Self::TooLarge { .. } | Self::Panicked => {
                DisconnectReason::NOT_CARRIED
            }
        }
    }

    /// The words that go with the reason: none with Python's own, which has none either.
    pub(super) fn detail(&self) -> Option<String> {
        if let Self::Refused(why) = self {
            return Some(why.detail.clone().into_owned()).filter(|detail| !detail.is_empty());
        }
        (self.reason() > DisconnectReason::UNKNOWN_OBJECT_TYPE).then(|| self.to_string())
    }
}
