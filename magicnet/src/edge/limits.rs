//! What one peer may cost: every bound of a node, with its default and the reason for it.

use std::time::Duration;

use crate::wire::ScanLimits;

/// Bounds on what peers may make a node hold or do.
///
/// ```
/// use magicnet::Limits;
///
/// let mut limits = Limits::default();
/// limits.depth = 8;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How deep values may be nested, the message's own two arrays included.
    ///
    /// 32: far beyond any contract, far below what a stack could notice.
    pub depth: usize,
    /// How many values one message may hold, at all depths together.
    ///
    /// 65,535: no frame holds more, so that whatever a type allows can be sent. Applications with small messages do
    /// well to say so.
    pub elements: usize,
    /// How many shared parameters a connection may have.
    ///
    /// 32: Python applications use a handful.
    pub parameters: usize,
    /// How many bytes the value of a shared parameter may take.
    ///
    /// 32 KiB: the fingerprint of a large application's schema, or the zones of a connection that sees thousands.
    pub parameter_size: usize,
    /// How long a connection may take for its handshake.
    ///
    /// 10 s: many round trips on a bad line.
    pub handshake_timeout: Duration,
    /// How long a frame may take from its first byte to its last.
    ///
    /// 10 s: a full frame at 50 kbit/s. A peer that sends others in between may be found out later, within twice that.
    pub frame_timeout: Duration,
    /// How many bytes are kept for a connection that does not read, on top of what it had not taken at first: what was
    /// sent at once may take its time. Beyond that a client is behind: nothing more is kept for it, and when it has
    /// taken what was kept, it is told what is different by then. If it misses a call or a message meanwhile, it is
    /// disconnected; so is a server that does not read.
    ///
    /// 1 MiB: sixteen full frames.
    pub kept_output: usize,
    /// How long a connection may be behind, until it has been told everything that it missed. Beyond that it is
    /// disconnected; zero is for not at all.
    ///
    /// 10 s: a bad moment of a phone in a train. Who never reads costs what is kept for it for that long.
    pub behind_timeout: Duration,
    /// How many bytes a connection may have sent to it alone before it is written to again: its own requests are
    /// what causes them, over and over in one frame if it likes.
    ///
    /// 4 MiB: what shows many objects goes out in far smaller pieces, so this is for what an application sends.
    pub direct_output: usize,
    /// How many bytes of objects go to a connection at once, when many are shown or ended there: about. The next ones
    /// follow when it has taken these and others were heard, so that nobody waits for somebody who comes to a large
    /// world.
    ///
    /// 48 KiB: most of a frame, and well under a millisecond of work.
    pub shown_at_once: usize,
    /// How many bytes a connection's own requests may cause in [a period](Self::caused_period): to see all objects, and
    /// to see other zones. Beyond that they are refused until the next one begins, and who has as many bytes said about
    /// what is refused is disconnected. [`Connection::caused`] tells where it stands.
    ///
    /// 64 MiB: a world of a million small objects.
    ///
    /// [`Connection::caused`]: crate::Connection::caused
    pub caused_bytes: usize,
    /// The period in which the bytes that a connection causes are counted.
    ///
    /// 10 s: long enough for a burst at a login, short enough to wait for.
    pub caused_period: Duration,
    /// How long a connection that is being ended may take to read its last bytes.
    ///
    /// 3 s: a few round trips.
    pub closing_timeout: Duration,
    /// How many zones a connection may see.
    ///
    /// 1,024: a square of 32 by 32 cells.
    pub zones_per_connection: usize,
    /// How many objects may belong to a connection.
    ///
    /// 4,096: more than a player makes by hand, and little enough to show in a few frames.
    pub objects_per_connection: usize,
    /// How many objects a server may show to this node.
    ///
    /// 1,048,576: a few hundred megabytes of small views.
    pub objects_shown: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 32,
            elements: 65_535,
            parameters: 32,
            parameter_size: 32 * 1024,
            handshake_timeout: Duration::from_secs(10),
            frame_timeout: Duration::from_secs(10),
            kept_output: 1024 * 1024,
            behind_timeout: Duration::from_secs(10),
            direct_output: 4 * 1024 * 1024,
            shown_at_once: 48 * 1024,
            caused_bytes: 64 * 1024 * 1024,
            caused_period: Duration::from_secs(10),
            closing_timeout: Duration::from_secs(3),
            zones_per_connection: 1_024,
            objects_per_connection: 4_096,
            objects_shown: 1_048_576,
        }
    }
}

impl Limits {
    pub(super) fn scan(&self) -> ScanLimits {
        ScanLimits { depth: self.depth, elements: self.elements }
    }
}
