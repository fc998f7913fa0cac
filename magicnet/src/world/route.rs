//! Who receives what goes to many: by role, by a router's rule, by a filter.
//!
//! Connections that are alike ([`Peers`]) form a group, and what the router says of a group holds for all of it. So
//! most of what is sent goes to a set of groups, which is a number; only a filter that looks at each connection costs
//! a look at each.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::connection::{Connection, Connections};
use super::registry::KnownContract;
use crate::line::{Audience, ConnectionId, Group, Groups, Opening, Recipients, ZoneId};
use crate::schema::{MessageDescriptor, ObjectDescriptor, Role};

/// Peers that are alike: what [`Router`]s decide about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peers {
    /// Which side of their connections this node is.
    pub opening: Opening,
    /// What this node is to them.
    pub own_role: Role,
    /// What they are to this node.
    pub role: Role,
}

/// Decides which peers receive what goes to many of them, by the kind of message or object. Every method says yes
/// unless it is written.
///
/// It can only take away: a message goes to nobody to whom this node may not send it, and objects are shown to those
/// alone who connect to their server. What is sent to one connection by its name is not asked about.
///
/// ```
/// use magicnet::schema::{MessageDescriptor, ObjectDescriptor};
/// use magicnet::{Peers, Role, Router};
///
/// const ADMIN: Role = Role::new("admin");
///
/// /// The console is for those who come in by the admins' endpoint.
/// struct Consoles;
///
/// impl Router for Consoles {
///     fn shows_object(&self, object: &ObjectDescriptor, peers: &Peers) -> bool {
///         object.name != "console" || peers.role == ADMIN
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no router",
    label = "not a router",
    note = "a router is a type that implements `Router`, whose methods all have a default",
    note = "what goes to some connections once is sent by `cx.to(|connection: &Connection| ..)`"
)]
pub trait Router: Send + 'static {
    /// Whether a message that is sent to many goes to these peers too. It is asked for each message.
    fn sends_message(&self, message: &MessageDescriptor, peers: &Peers) -> bool {
        let _ = (message, peers);
        true
    }

    /// Whether these peers see objects of this contract. Those who do not cannot call, create or delete them either.
    /// It is asked once, when the first of these peers comes.
    fn shows_object(&self, object: &ObjectDescriptor, peers: &Peers) -> bool {
        let _ = (object, peers);
        true
    }
}

/// Asks a router about a contract. If it panics, it has not said yes: those who come must not end the node.
fn is_shown(router: &dyn Router, object: &ObjectDescriptor, peers: &Peers) -> bool {
    catch_unwind(AssertUnwindSafe(|| router.shows_object(object, peers))).unwrap_or_else(|_| {
        tracing::error!(name = object.name, ?peers, "a router panicked");
        false
    })
}

/// The router of nodes that have none of their own: everything goes everywhere.
#[derive(Debug)]
pub(crate) struct Everywhere;

impl Router for Everywhere {}

/// Chooses connections, for `cx.to(filter).send(message)`.
///
/// A [`Role`] is one, for the peers of that role, and a [`ZoneId`], for the clients that see that zone: both are sets
/// that are kept anyway. A closure over [`&Connection`](Connection) is one too, and so may be a type of your own; it is
/// asked about every handshaken connection, in no particular order, at the moment of sending. The message is encoded
/// once all the same.
///
/// ```
/// use magicnet::prelude::*;
/// use magicnet::Connection;
///
/// #[message(id = 70, from = client)]
/// struct Whisper { text: Str<64> }
///
/// #[message(id = 71, from = server)]
/// struct Heard { text: Str<64> }
///
/// #[derive(PartialEq)]
/// struct Team(u8);
///
/// #[message_handler]
/// fn whisper(cx: &mut MessageCx<'_>, message: Whisper) {
///     let team = |of: &Connection| of.get::<Team>().map_or(0, |team| team.0);
///     let ours = team(cx.sender());
///     cx.to(|other: &Connection| team(other) == ours).except_sender().send(Heard { text: message.text });
/// }
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not choose connections",
    label = "not a filter",
    note = "a filter is a `Role`, a `ZoneId`, or a closure `|connection: &Connection| ..` that returns a `bool`"
)]
pub trait Filter {
    /// Whether this connection receives it.
    fn accepts(&self, connection: &Connection) -> bool;

    #[doc(hidden)]
    fn reach(&self) -> Reach {
        Reach::Each
    }
}

/// How a filter finds those that it accepts.
#[doc(hidden)]
#[expect(unnameable_types, reason = "how filters of our own are found; those of others are asked")]
#[derive(Clone, Copy, Debug)]
pub enum Reach {
    /// By asking about each connection.
    Each,
    /// They are those of a role.
    Role(Role),
    /// They are those who see a zone.
    Zone(ZoneId),
}

impl<F: Fn(&Connection) -> bool> Filter for F {
    fn accepts(&self, connection: &Connection) -> bool {
        self(connection)
    }
}

impl Filter for Role {
    fn accepts(&self, connection: &Connection) -> bool {
        connection.role() == *self
    }

    fn reach(&self) -> Reach {
        Reach::Role(*self)
    }
}

impl Filter for ZoneId {
    fn accepts(&self, connection: &Connection) -> bool {
        !connection.is_server() && connection.sees(*self)
    }

    fn reach(&self) -> Reach {
        Reach::Zone(*self)
    }
}

/// To whom a message goes.
#[derive(Clone, Copy)]
pub(crate) enum To<'a> {
    One(ConnectionId),
    All,
    Filtered(&'a dyn Filter, &'a [ConnectionId]),
    AllBut(ConnectionId),
}

/// The same, after a look at who is there.
pub(super) enum Chosen {
    Set(Recipients),
    Each(Vec<ConnectionId>),
}

/// The groups of a world, and what its router says of them.
pub(crate) struct Routes {
    router: Box<dyn Router>,
    /// By the number of their group.
    peers: Vec<Peers>,
    /// Those that come to us.
    accepted: Groups,
    /// By type number: to whom objects are shown.
    shown: Vec<Groups>,
    /// Whether objects are seen by zone.
    pub(super) zoned: bool,
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Routes").field("peers", &self.peers).finish_non_exhaustive()
    }
}

impl Routes {
    pub(super) fn new(router: Box<dyn Router>, zoned: bool, types: usize) -> Self {
        let shown = vec![Groups::NONE; types];
        Self { router, peers: Vec::new(), accepted: Groups::NONE, shown, zoned }
    }

    /// The group of these peers; `None` if there are more kinds of peers than there may be.
    pub(super) fn group_of(&mut self, peers: &Peers, contracts: &[KnownContract]) -> Option<Group> {
        let known = self.peers.iter().position(|known| known == peers);
        if let Some(number) = known {
            return Group::new(number);
        }
        let group = Group::new(self.peers.len())?;
        self.peers.push(*peers);
        if peers.opening == Opening::Accepted {
            self.accepted.insert(group);
            for known in contracts.iter().filter(|known| is_shown(&*self.router, known.object, peers)) {
                self.shown[known.number].insert(group);
            }
        }
        Some(group)
    }

    /// Whether a connection is of those to whom objects of this type are shown.
    pub(super) fn shows(&self, type_number: u16, connection: &Connection) -> bool {
        self.shown[usize::from(type_number)].contains(connection.group)
    }

    /// Narrows an audience of one of our objects to those to whom it may be shown.
    pub(super) fn shown(&self, type_number: u16, audience: Audience) -> Recipients {
        let groups = self.shown[usize::from(type_number)];
        match audience {
            // None but those who come to us see zones, so all of them is all there are.
            Audience::Zone { .. } | Audience::ZoneUnless { .. } if groups == self.accepted => audience.into(),
            _ => audience.within(groups),
        }
    }

    /// The peers to whom this node may send a message, whatever the router says; all if there are no peers.
    fn may_receive(&self, message: &MessageDescriptor) -> Groups {
        self.groups(|peers| message.from.allows(peers.own_role))
    }

    fn groups(&self, is_meant: impl Fn(&Peers) -> bool) -> Groups {
        let meant = self.peers.iter().enumerate().filter(|(_, peers)| is_meant(peers));
        meant.filter_map(|(number, _)| Group::new(number)).collect()
    }

    /// Who receives a message; `None` if there is nobody to whom this node may send it.
    pub(super) fn choose(
        &self,
        to: To<'_>,
        message: &MessageDescriptor,
        connections: &Connections,
    ) -> Option<Chosen> {
        if let To::One(connection) = to {
            // Who is gone already is no fault of the sender's.
            let may = connections.get(connection).is_none_or(|known| message.from.allows(known.own_role()));
            return may.then_some(Chosen::Set(Audience::Connection(connection).into()));
        }
        let allowed = self.may_receive(message);
        if allowed.is_empty() && !self.peers.is_empty() {
            return None;
        }
        let routed = allowed.and(self.groups(|peers| self.router.sends_message(message, peers)));
        let everyone = |except| Chosen::Set(Audience::Everyone { except }.within(routed));
        let (filter, excepted) = match to {
            To::Filtered(filter, excepted) => (filter, excepted),
            To::AllBut(connection) => return Some(everyone(Some(connection))),
            To::All | To::One(_) => return Some(everyone(None)),
        };
        let except = excepted.first().copied();
        Some(match filter.reach() {
            Reach::Role(role) if excepted.len() <= 1 => {
                let of_role = routed.and(self.groups(|peers| peers.role == role));
                Chosen::Set(Audience::Everyone { except }.within(of_role))
            }
            Reach::Zone(zone)
                if self.zoned && excepted.len() <= 1 && !connections.partly.is_partly_shown(zone) =>
            {
                let audience = Audience::Zone { zone, except };
                // Those who see zones are those who come to us.
                let is_all = routed.and(self.accepted) == self.accepted;
                Chosen::Set(if is_all { audience.into() } else { audience.within(routed) })
            }
            _ => {
                let is_meant = |known: &&Connection| {
                    known.is_ready()
                        && routed.contains(known.group)
                        && !excepted.contains(&known.id())
                        && filter.accepts(known)
                };
                Chosen::Each(connections.iter().filter(is_meant).map(Connection::id).collect())
            }
        })
    }
}
