//! How fast a connection may send: bytes and messages, each at a rate.
//!
//! What is too fast ends the connection. To stop reading it instead would be kinder, and wrong: a peer of ours never
//! comes near these rates unless it is broken or hostile, and a connection that is merely slow tells neither its user
//! nor the operator why. What shall be refused and forgiven is a matter of calls and messages, which have rates of
//! their own.

use super::fault::Fault;
use super::limits::Limits;
use crate::rate::Bucket;
use crate::time::Time;

/// What a connection has sent lately. Nothing is asked of one that this node has made: it went there to listen.
#[derive(Debug, Default)]
pub(super) struct Meter {
    bytes: Bucket,
    messages: Bucket,
}

impl Meter {
    /// So many bytes have come.
    pub(super) fn bytes(&mut self, now: Time, limits: &Limits, len: usize) -> Result<(), Fault> {
        let rate = limits.bytes;
        if self.bytes.charge(now, rate, len) { Ok(()) } else { Err(Fault::TooFast { rate, of: "bytes" }) }
    }

    /// A message has come, whatever becomes of it.
    pub(super) fn message(&mut self, now: Time, limits: &Limits) -> Result<(), Fault> {
        let rate = limits.messages;
        if self.messages.charge(now, rate, 1) { Ok(()) } else { Err(Fault::TooFast { rate, of: "messages" }) }
    }
}
