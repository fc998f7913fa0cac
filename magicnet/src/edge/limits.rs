//! What one peer may cost: every bound of a node, with its default and the reason for it.

use std::time::Duration;

use crate::rate::Rate;
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
    /// How many bytes all shared parameters of a connection may take together, names and values.
    ///
    /// 128 KiB: four of the largest, where most have one or two small ones.
    pub parameter_bytes: usize,
    /// The same until the other side has greeted: whoever comes may have these kept.
    ///
    /// 40 KiB: one of the largest, by which a client says what it knows, and a few that say who it is.
    pub early_parameter_bytes: usize,
    /// How long a connection may take for its handshake.
    ///
    /// 10 s: many round trips on a bad line.
    pub handshake_timeout: Duration,
    /// How long a frame may take from its first byte to its last.
    ///
    /// 10 s: a full frame at 50 kbit/s. A peer that sends others in between may be found out later, within twice that.
    pub frame_timeout: Duration,
    /// How many connections may be open that were accepted. Who comes beyond that is let go, with the event
    /// [`TurnedAway`](crate::TurnedAway), and is told so where a word takes no handshake first: over TLS,
    /// WebSockets and UDP the end is all there is.
    ///
    /// 65,536: a few hundred megabytes of idle ones. What the system lets a process open is usually less.
    pub connections: usize,
    /// How many of them may come from one address, or from one network of 64 bits in IPv6, which is the least that
    /// anyone is given. Who comes beyond that is let go in the same way. Over UDP who still shakes hands counts too.
    /// Those that come from this machine itself are not counted: they are proxies and tools.
    ///
    /// 256: a school behind one address. Behind a proxy on another machine it must be as many as there may be in all.
    pub connections_per_address: usize,
    /// How many of them may be in their handshake at once and have not greeted. Beyond that the one that has waited
    /// longest is disconnected.
    ///
    /// 4,096: all players of a large server coming back at once.
    pub handshakes: usize,
    /// How many may have greeted and wait to be let in, because the application [takes its
    /// time](crate::NodeBuilder::authenticate). Beyond that one is disconnected from where most of them come from, by
    /// the addresses that count for [`connections_per_address`](Self::connections_per_address): the one that came
    /// first. They take no place from those who come and are let in at once.
    ///
    /// 4,096: as many as may come at once.
    pub admissions: usize,
    /// How many bytes a second may come over a connection that was accepted, frames included and what TLS and
    /// WebSockets put around them, and how many at once. Beyond that it is disconnected.
    ///
    /// 4 MiB/s, burst 16 MiB: a hundred times what a busy player sends, and for a while what a good line carries.
    pub bytes: Rate,
    /// How many messages a second may come over a connection that was accepted, and how many at once, whatever becomes
    /// of them. Beyond that it is disconnected.
    ///
    /// 10,000/s, burst 100,000: a few hundredths of a processor, and ten seconds of it that came late all at once.
    pub messages: Rate,
    /// How many bytes a second the messages of a connection that was accepted may make this node queue, for whomever,
    /// and how many at once. What goes to many counts once; what goes to each of those whom a
    /// [filter](crate::Filter) chooses counts for each, as it is queued for each: with 100 bytes or so besides the
    /// message. Beyond that it is disconnected.
    ///
    /// 32 MiB/s, burst 64 MiB: what a read of 64 KiB may turn into before anything is sent.
    pub queued_bytes: Rate,
    /// How often the other side is asked whether it is there, if it knows heartbeats, as all peers of this library do;
    /// `None` asks nobody. [`Connection::round_trip`](crate::Connection::round_trip) tells how long the answer took.
    ///
    /// 10 s: a dozen bytes, and often enough to keep the doors of home routers open.
    pub heartbeat: Option<Duration>,
    /// How long nothing may come from a side that is asked so. Beyond that it is disconnected; that is found out with
    /// the next heartbeat.
    ///
    /// 30 s: a train in a tunnel comes back.
    pub idle_timeout: Duration,
    /// How long nothing may come from a plain version 3 peer, which cannot be asked; `None`: as long as it likes.
    /// Beyond that it is disconnected; one that has spoken in between may be found out later, within twice that.
    ///
    /// `None`: Python's peers say nothing while nothing happens, and TCP tells of most of those that are gone.
    pub plain_idle_timeout: Option<Duration>,
    /// How many bytes are kept for a connection that does not read, on top of what it had not taken at first: what was
    /// sent at once may take its time. Beyond that a client is behind: nothing more is kept for it, and when it has
    /// taken what was kept, it is told what is different by then. If it misses a call or a message meanwhile, it is
    /// disconnected; so is a server that does not read. On a node with several [edges](crate::NodeBuilder::edges) the
    /// world hears of that a moment later, and until then as much again may be kept.
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
    /// How many zones a second a client may name that chooses its zones, and how many at once: a choice names all that
    /// it is to see, and counts as one more. Beyond that the choice is refused. What its choices show is bounded by
    /// [`caused_bytes`](Self::caused_bytes); this is for the work where there is nothing to show.
    ///
    /// 20,000/s, burst 200,000: the largest choice twenty times a second, for a few thousandths of a processor.
    pub zones_named: Rate,
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
            parameter_bytes: 128 * 1024,
            early_parameter_bytes: 40 * 1024,
            handshake_timeout: Duration::from_secs(10),
            frame_timeout: Duration::from_secs(10),
            connections: 65_536,
            connections_per_address: 256,
            handshakes: 4_096,
            admissions: 4_096,
            bytes: Rate::per_second(4 * 1024 * 1024).burst(16 * 1024 * 1024),
            messages: Rate::per_second(10_000).burst(100_000),
            queued_bytes: Rate::per_second(32 * 1024 * 1024).burst(64 * 1024 * 1024),
            heartbeat: Some(Duration::from_secs(10)),
            idle_timeout: Duration::from_secs(30),
            plain_idle_timeout: None,
            kept_output: 1024 * 1024,
            behind_timeout: Duration::from_secs(10),
            direct_output: 4 * 1024 * 1024,
            shown_at_once: 48 * 1024,
            caused_bytes: 64 * 1024 * 1024,
            caused_period: Duration::from_secs(10),
            closing_timeout: Duration::from_secs(3),
            zones_per_connection: 1_024,
            zones_named: Rate::per_second(20_000).burst(200_000),
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
