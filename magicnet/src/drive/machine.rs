//! What a driver drives: a whole node, or a part of one that has its own thread.

use std::task::Waker;

use crate::line::ConnectionId;
#[cfg(feature = "tokio")]
use crate::node::Part;
use crate::node::{ConnectionConfig, Node, Parting, Reserved, Transmit};
use crate::time::Time;

/// Takes input and gives output without waiting; the words are those of [`Node`].
#[cfg_attr(
    not(feature = "tokio"),
    allow(dead_code, reason = "a driver that waits or has threads asks for more")
)]
pub(super) trait Machine {
    /// Who is woken when another thread has something for it.
    fn set_waker(&self, driver: &Waker);
    fn handle_commands(&mut self, now: Time);
    /// Keeps a place for a connection that is about to come, if there is one. If not, the node knows of it.
    fn reserve(&mut self, now: Time, config: &ConnectionConfig) -> Option<Reserved>;
    fn handle_opened(&mut self, now: Time, config: &ConnectionConfig) -> ConnectionId;
    fn handle_bytes(&mut self, now: Time, connection: ConnectionId, bytes: &[u8]);
    /// So many bytes came besides, which a layer below has kept to itself.
    fn handle_overhead(&mut self, now: Time, connection: ConnectionId, len: usize);
    #[cfg(all(feature = "udp", any(feature = "tokio", feature = "threads", feature = "poll")))]
    fn handle_datagram(&mut self, now: Time, connection: ConnectionId, number: Option<u32>, messages: &[u8]);
    fn handle_lost(&mut self, now: Time, connection: ConnectionId, cause: &str);
    fn handle_writable(&mut self, connection: ConnectionId);
    fn handle_timeout(&mut self, now: Time);
    fn poll_timeout(&self) -> Option<Time>;
    fn poll_pause(&self) -> Option<Time>;
    fn poll_transmit(&mut self, now: Time) -> Option<Transmit<'_>>;
    fn handle_written(&mut self, connection: ConnectionId, len: usize);
    /// The next connection whose transport is to be dropped, and how it ends.
    fn poll_parting(&mut self) -> Option<(ConnectionId, Parting)>;
    fn is_full(&self) -> bool;
    fn is_shutting_down(&self) -> bool;
    /// Whether nothing is left to do.
    fn is_finished(&self) -> bool;

    /// Whether it is to be given up at once, whoever is connected: the rest of the node is gone.
    fn is_cut(&self) -> bool {
        false
    }

    /// Whether it takes nothing more in until the driver is woken, because another thread is behind.
    fn is_stalled(&self) -> bool {
        false
    }

    /// Hands over what is for other threads.
    fn share(&mut self) {}
}

/// Implements [`Machine`] by the methods that both have under these names, and by those that are written out.
macro_rules! machine {
    ($machine:ty { $($own:item)* }) => {
        impl Machine for $machine {
            fn set_waker(&self, driver: &Waker) {
                self.set_waker(driver);
            }

            fn reserve(&mut self, now: Time, config: &ConnectionConfig) -> Option<Reserved> {
                self.reserve(now, config)
            }

            fn handle_opened(&mut self, now: Time, config: &ConnectionConfig) -> ConnectionId {
                self.handle_opened(now, config)
            }

            fn handle_bytes(&mut self, now: Time, connection: ConnectionId, bytes: &[u8]) {
                self.handle_bytes(now, connection, bytes);
            }

            fn handle_overhead(&mut self, now: Time, connection: ConnectionId, len: usize) {
                self.handle_overhead(now, connection, len);
            }

            #[cfg(all(feature = "udp", any(feature = "tokio", feature = "threads", feature = "poll")))]
            fn handle_datagram(&mut self, now: Time, connection: ConnectionId, number: Option<u32>, messages: &[u8]) {
                self.handle_datagram(now, connection, number, messages);
            }

            fn handle_lost(&mut self, now: Time, connection: ConnectionId, cause: &str) {
                self.handle_lost(now, connection, cause);
            }

            fn handle_writable(&mut self, connection: ConnectionId) {
                self.handle_writable(connection);
            }

            fn handle_timeout(&mut self, now: Time) {
                self.handle_timeout(now);
            }

            fn poll_timeout(&self) -> Option<Time> {
                self.poll_timeout()
            }

            fn poll_pause(&self) -> Option<Time> {
                self.poll_pause()
            }

            fn poll_transmit(&mut self, now: Time) -> Option<Transmit<'_>> {
                self.poll_transmit(now)
            }

            fn handle_written(&mut self, connection: ConnectionId, len: usize) {
                self.handle_written(connection, len);
            }

            fn poll_parting(&mut self) -> Option<(ConnectionId, Parting)> {
                self.poll_parting()
            }

            fn is_full(&self) -> bool {
                self.is_full()
            }

            fn is_shutting_down(&self) -> bool {
                self.is_shutting_down()
            }

            fn is_finished(&self) -> bool {
                self.is_finished()
            }

            $($own)*
        }
    };
}

machine!(Node {
    fn handle_commands(&mut self, now: Time) {
        self.handle_commands(now);
    }
});

#[cfg(feature = "tokio")]
machine!(Part {
    fn handle_commands(&mut self, now: Time) {
        self.handle_turns(now);
    }

    fn is_cut(&self) -> bool {
        self.is_cut()
    }

    fn is_stalled(&self) -> bool {
        self.is_stalled()
    }

    fn share(&mut self) {
        self.share_news();
    }
});
