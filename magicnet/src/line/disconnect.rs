//! The end of a connection, as an application asks for it.

use std::borrow::Cow;

use crate::wire::{DisconnectReason, TooLong};

/// The end of a connection, as a handler or a middleware asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disconnect {
    /// The number that the peer gets.
    pub reason: DisconnectReason,
    /// The words that the peer gets; cut to 64 characters.
    pub detail: Cow<'static, str>,
}

impl Disconnect {
    /// Ends the connection with a reason of the application's (10 to 31 by custom) and a few words.
    pub fn new(reason: u8, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: DisconnectReason(reason), detail: detail.into() }
    }
}

/// A value of ours does not fit the message: the sender asked for too much.
impl From<TooLong> for Disconnect {
    fn from(error: TooLong) -> Self {
        Self { reason: DisconnectReason::LIMIT, detail: error.to_string().into() }
    }
}
