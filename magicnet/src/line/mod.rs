//! What passes between an edge, which owns connections, and a world, which owns objects.
//!
//! Both directions are plain data over bytes, so the line may be a function call, a thread boundary, or (as the same
//! bytes) a wire between machines. [`Upstream`] is what an edge tells a world; a [`Turn`] is what the world answers.
//!
//! **Invariant:** a world says *who* receives by an [`Audience`] and the [`Groups`] that it means; which connections
//! that are is known to the edge alone, and changes only by commands in a turn, so the order of everything is the order
//! of the turn.

mod disconnect;
mod group;
mod names;
mod news;
mod topic;
mod turn;

use core::net::SocketAddr;
use std::fmt;
use std::time::Duration;

pub use disconnect::Disconnect;
pub use group::{Group, Groups, Recipients};
pub(crate) use names::Names;
pub(crate) use news::News;
pub use topic::Topic;
pub use turn::{Command, MAX_DATAGRAM, Mark, Segment, Turn};

use crate::schema::Role;
use crate::wire::{DisconnectReason, Extensions, RawMessage};

slotmap::new_key_type! {
    /// One connection of an edge. Never reused for another.
    pub struct ConnectionId;
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let raw = slotmap::Key::data(self).as_ffi();
        write!(f, "connection {}", raw & 0xffff_ffff)?;
        // The upper half counts how often the place was used; it starts at one.
        if raw >> 32 > 1 { write!(f, ".{}", raw >> 32) } else { Ok(()) }
    }
}

/// A cell of the application's space; an object is in exactly one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ZoneId(pub u32);

impl fmt::Display for ZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "zone {}", self.0)
    }
}

impl From<u32> for ZoneId {
    fn from(zone: u32) -> Self {
        Self(zone)
    }
}

/// Who receives something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// One connection, handshaken or not.
    Connection(ConnectionId),
    /// All handshaken connections that see the zone.
    Zone {
        /// The zone.
        zone: ZoneId,
        /// Who does not receive it all the same.
        except: Option<ConnectionId>,
    },
    /// All handshaken connections that see one zone and do not see another: those whom a move between the two
    /// concerns.
    ZoneUnless {
        /// The zone that they see.
        zone: ZoneId,
        /// The zone that they do not see.
        unless: ZoneId,
        /// Who does not receive it all the same.
        except: Option<ConnectionId>,
    },
    /// All handshaken connections that see both zones and know the extension messages: those to whom a move between
    /// the two is told.
    ZoneAnd {
        /// The one zone.
        zone: ZoneId,
        /// The other one.
        and: ZoneId,
        /// What they have announced.
        knows: Extensions,
    },
    /// All handshaken connections.
    Everyone {
        /// Who does not receive it all the same.
        except: Option<ConnectionId>,
    },
}

/// Which side of a connection a node is. Whoever accepts one greets, numbers and shows its objects; who dials is a
/// client in the words of the protocol, whatever the roles of the two are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opening {
    /// It came to us.
    Accepted,
    /// We made it.
    Dialed,
}

/// What an edge tells a world.
#[derive(Clone, Copy, Debug)]
pub enum Upstream<'a> {
    /// A connection exists; it has not shaken hands.
    Opened {
        /// Its name from now on.
        connection: ConnectionId,
        /// Which side of it we are.
        opening: Opening,
        /// What we are to the other side, if the endpoint says so.
        role: Option<Role>,
        /// What the other side is to us.
        peer: Role,
        /// Where it is, if it has an address.
        remote: Option<SocketAddr>,
    },
    /// A connection came for which there was no place. It was told so, if it could be, and nothing was opened for it.
    TurnedAway {
        /// Where it came from, if it has an address.
        remote: Option<SocketAddr>,
        /// Why, in a few words.
        why: &'a str,
    },
    /// The other side has answered a heartbeat.
    RoundTrip {
        /// Who.
        connection: ConnectionId,
        /// How long that took.
        time: Duration,
    },
    /// The handshake passed the edge's checks. The world answers with [`Command::Admit`] or [`Command::Close`].
    Greeted {
        /// Who.
        connection: ConnectionId,
        /// The message of the day, if the other side is a server that has one.
        motd: Option<&'a str>,
    },
    /// The other side sets a shared parameter.
    Parameter {
        /// Who.
        connection: ConnectionId,
        /// Its name, of at most 16 characters.
        name: &'a str,
        /// Its value: one msgpack value.
        value: &'a [u8],
    },
    /// A message that passed the edge's checks: whole, within limits, of a direction and at a time that is allowed.
    Message {
        /// From whom.
        connection: ConnectionId,
        /// The message, whose envelope was read when it was scanned.
        message: &'a RawMessage<'a>,
    },
    /// Something came that is ignored, and an operator may want to know.
    Ignored {
        /// From whom.
        connection: ConnectionId,
        /// What, in a sentence.
        what: &'a str,
    },
    /// So much waits for the connection that it had better be sent nothing for now of what it can be told anew. The
    /// world answers with [`Command::Suspend`], and then says what it misses. What was said before that is gathered for
    /// it still, so the answer must not take long.
    FellBehind {
        /// Who.
        connection: ConnectionId,
    },
    /// The connection has taken all that was sent to it, which [`Command::Await`] has asked about.
    Drained {
        /// Who.
        connection: ConnectionId,
    },
    /// The connection is over; nothing more comes from it or reaches it.
    Closed {
        /// Whose end it is.
        connection: ConnectionId,
        /// Why.
        ending: &'a Ending,
    },
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// The other side said why.
    ByPeer {
        /// Its reason.
        reason: DisconnectReason,
        /// Its words.
        detail: Option<String>,
    },
    /// We said why.
    ByUs {
        /// Our reason.
        reason: DisconnectReason,
        /// Our words.
        detail: Option<String>,
    },
    /// The other side's node shut down.
    PeerShutdown,
    /// This node shut down.
    Shutdown,
    /// The transport ended without a word.
    Lost {
        /// What the transport says of it.
        cause: String,
    },
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (who, reason, detail) = match self {
            Self::ByPeer { reason, detail } => ("the peer", reason, detail),
            Self::ByUs { reason, detail } => ("this node", reason, detail),
            Self::PeerShutdown => return f.write_str("the peer shut down"),
            Self::Shutdown => return f.write_str("this node shut down"),
            Self::Lost { cause } => return write!(f, "connection lost: {cause}"),
        };
        write!(f, "ended by {who}, {reason}")?;
        detail.as_ref().map_or(Ok(()), |detail| write!(f, " ({detail})"))
    }
}

/// The half of a world that an edge sees.
pub trait HandleUpstream {
    /// Takes one piece of news and appends what follows from it to `turn`.
    fn handle_upstream(&mut self, news: Upstream<'_>, turn: &mut Turn);

    /// All that is in `turn` has been done, and nothing else has come since: the world goes on with what waited for
    /// that, and says whether there was anything.
    fn handle_applied(&mut self, turn: &mut Turn) -> bool;
}
