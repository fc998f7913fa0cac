//! A place where connections arrive, which survives a machine that has no room for them.

use std::io;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tracing::{debug, warn};

use super::{ByteListener, Layers, Share};
use crate::node::ConnectionConfig;
use crate::time::Time;

pub(super) struct Listener<L> {
    listener: L,
    /// Where it is, for the log.
    pub(super) name: String,
    pub(super) layers: Layers,
    pub(super) config: ConnectionConfig,
    pub(super) waker: Waker,
    /// Accepting failed: when to try again.
    pub(super) retry_at: Option<Time>,
    complaint: Complaint,
}

pub(super) enum Accepted<S> {
    Stream(S),
    /// Somebody else has taken it.
    Elsewhere,
    /// A connection that broke before it was accepted; there may be another one behind it.
    Broken,
    Nothing,
}

impl<L: ByteListener> Listener<L> {
    pub(super) fn new(
        listener: L,
        name: String,
        layers: Layers,
        config: ConnectionConfig,
        waker: Waker,
    ) -> Self {
        Self { listener, name, layers, config, waker, retry_at: None, complaint: Complaint::default() }
    }

    /// The next one that nobody else takes whom `share` would give it.
    pub(super) fn accept(&mut self, now: Time, share: Option<&Share<L::Stream>>) -> Accepted<L::Stream> {
        if self.retry_at.is_some() {
            return Accepted::Nothing;
        }
        match self.listener.poll_accept(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(Ok(stream)) => {
                let kept = match share {
                    Some(share) => share(stream, &self.layers, &self.config),
                    None => Some(stream),
                };
                kept.map_or(Accepted::Elsewhere, Accepted::Stream)
            }
            Poll::Ready(Err(error)) if is_of_one_connection(&error) => Accepted::Broken,
            Poll::Ready(Err(error)) => {
                if self.complaint.is_due(now) {
                    warn!(address = %self.name, %error, "cannot accept; trying again every {ACCEPT_PAUSE:?}");
                } else {
                    debug!(address = %self.name, %error, "cannot accept yet");
                }
                self.retry_at = Some(now + ACCEPT_PAUSE);
                Accepted::Nothing
            }
            Poll::Pending => Accepted::Nothing,
        }
    }
}

/// A warning that whoever connects could cause again and again: it is given now and then, and does not fill a log.
#[derive(Default)]
struct Complaint {
    made_at: Option<Time>,
}

impl Complaint {
    fn is_due(&mut self, now: Time) -> bool {
        let is_due = self.made_at.is_none_or(|made| now >= made + COMPLAINT_PAUSE);
        if is_due {
            self.made_at = Some(now);
        }
        is_due
    }
}

/// Whether it says something about the connection that would have been accepted, rather than about this machine.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// How long a listener rests after an error of this machine's, usually that there are no file descriptors left. Long
/// enough to cost nothing while that lasts, short enough that those who wait in the system's queue do not give up.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often it is said that nobody can be accepted.
const COMPLAINT_PAUSE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_room_is_complained_of_now_and_then() {
        let mut complaint = Complaint::default();
        let tries = (0_u32..250).map(|count| Time::ZERO + ACCEPT_PAUSE * count);
        let made: Vec<Time> = tries.filter(|now| complaint.is_due(*now)).collect();
        assert_eq!(made, [0, 10, 20].map(|seconds| Time::ZERO + Duration::from_secs(seconds)));
    }
}
