//! A place where connections arrive, which survives a machine that has no room for them.

use std::io;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tracing::warn;

use super::{ByteListener, Channel, Layers, Share};
use crate::node::ConnectionConfig;
use crate::time::Time;

pub(super) struct Listener<L> {
    listener: L,
    /// Where it is, for the log.
    name: String,
    layers: Layers,
    pub(super) config: ConnectionConfig,
    pub(super) waker: Waker,
    /// Accepting failed: when to try again.
    pub(super) retry_at: Option<Time>,
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
        Self { listener, name, layers, config, waker, retry_at: None }
    }

    /// The next one that nobody else takes whom `share` would give it.
    pub(super) fn accept(
        &mut self,
        now: Time,
        share: Option<&Share<L::Stream>>,
    ) -> Accepted<Channel<L::Stream>> {
        if self.retry_at.is_some() {
            return Accepted::Nothing;
        }
        match self.listener.poll_accept(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(Ok(stream)) => {
                let kept = match share {
                    Some(share) => share(stream, &self.layers, &self.config),
                    None => Some(stream),
                };
                kept.map_or(Accepted::Elsewhere, |stream| self.wrap(stream))
            }
            Poll::Ready(Err(error)) if is_of_one_connection(&error) => Accepted::Broken,
            Poll::Ready(Err(error)) => {
                warn!(address = %self.name, %error, "cannot accept; trying again in {ACCEPT_PAUSE:?}");
                self.retry_at = Some(now + ACCEPT_PAUSE);
                Accepted::Nothing
            }
            Poll::Pending => Accepted::Nothing,
        }
    }

    fn wrap(&self, stream: L::Stream) -> Accepted<Channel<L::Stream>> {
        match self.layers.wrap(stream) {
            Ok(channel) => Accepted::Stream(channel),
            Err(error) => {
                warn!(address = %self.name, %error, "cannot talk to who has connected");
                Accepted::Broken
            }
        }
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
