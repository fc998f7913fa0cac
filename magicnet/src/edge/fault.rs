//! What a peer does wrong, and the one place that maps it to the reason it is told.

use crate::wire::{DisconnectReason, MessageError, MessageId, ScanError};

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
    #[error("more than {0} shared parameters")]
    TooManyParameters(usize),
    #[error("a shared parameter of more than {0} bytes")]
    LargeParameter(usize),
    #[error("no handshake in time")]
    HandshakeTimeout,
    #[error("no end of a frame in time")]
    FrameTimeout,
    #[error("more than {0} bytes unread")]
    TooSlow(usize),
    #[error("more than {0} bytes asked for at once")]
    TooMuchAsked(usize),
}

impl Fault {
    pub(super) fn reason(&self) -> DisconnectReason {
        match self {
            Self::Malformed(MessageError::Scan(ScanError::TooDeep | ScanError::TooManyElements)) => {
                DisconnectReason::TOO_COMPLEX
            }
            Self::Malformed(_) | Self::BadParameters { .. } => DisconnectReason::MALFORMED,
            Self::HelloTwice => DisconnectReason::HELLO_TWICE,
            Self::WrongVersion(_) => DisconnectReason::WRONG_VERSION,
            Self::WrongHash => DisconnectReason::WRONG_HASH,
            Self::BeforeHello(_) => DisconnectReason::MESSAGE_BEFORE_HELLO,
            Self::WrongDirection(_) => DisconnectReason::WRONG_DIRECTION,
            Self::TooManyParameters(_) | Self::LargeParameter(_) | Self::TooMuchAsked(_) => {
                DisconnectReason::LIMIT
            }
            Self::HandshakeTimeout | Self::FrameTimeout => DisconnectReason::TIMED_OUT,
            Self::TooSlow(_) => DisconnectReason::TOO_SLOW,
        }
    }

    /// The words that go with the reason: none with Python's own, which has none either.
    pub(super) fn detail(&self) -> Option<String> {
        (self.reason() > DisconnectReason::UNKNOWN_OBJECT_TYPE).then(|| self.to_string())
    }
}
