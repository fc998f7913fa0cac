//! Zones: which objects a connection sees, and who decides that.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::connection::{Connection, TypeMap};
use super::event::{Rejection, Request, RequestRejected};
use super::scene::panic_text;
use super::{VISIBLE_ZONES, World, send};
use crate::line::{ConnectionId, Turn, ZoneId};
use crate::wire::{EncodeFault, MAX_PARAMETER_NAME, MAX_PARAMETER_SENT, ProtocolMessage, Reader, Writer};

/// Who decides which zones a connection sees. Without a policy every handshaken connection sees every object.
///
/// Whatever the policy, the server may say itself what a connection sees, by
/// [`NodeCx::grant_zones`](crate::NodeCx::grant_zones).
#[derive(Debug)]
#[non_exhaustive]
pub enum Zones {
    /// The server alone; what a client asks for is refused.
    Granted,
    /// Clients set the parameter `vz` as they like, as with Python's `ZoneBasedRouter`.
    ClientChosen,
    /// Clients choose among those that a rule of the application's allows them: see [`chosen_if`](Self::chosen_if).
    ChosenIf(ZoneRule),
}

impl Zones {
    /// Clients choose, and see those of their choice that `allows` allows them.
    ///
    /// It is asked for each zone of each choice. What it refuses is left out, with an event
    /// ([`RequestRejected`]), and the client is told by `vz` what it sees instead. What it
    /// allowed earlier it does not take back by itself: that is [`grant_zones`](crate::NodeCx::grant_zones)'s.
    ///
    /// ```
    /// use magicnet::prelude::*;
    /// use magicnet::Node;
    ///
    /// /// Kept with a connection from its login on.
    /// struct Level(u32);
    ///
    /// let server = Node::server().zones(Zones::chosen_if(|ask| match ask.connection().get::<Level>() {
    ///     Some(Level(level)) => ask.zone().0 <= *level,
    ///     None => ask.zone() == ZoneId(0),
    /// }));
    /// # drop(server);
    /// ```
    pub fn chosen_if(allows: impl FnMut(&ZoneRequest<'_>) -> bool + Send + 'static) -> Self {
        Self::ChosenIf(ZoneRule(Box::new(allows)))
    }
}

/// A rule of the application's about zones, for [`Zones::chosen_if`].
pub struct ZoneRule(Box<dyn FnMut(&ZoneRequest<'_>) -> bool + Send>);

impl fmt::Debug for ZoneRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ZoneRule")
    }
}

/// A client would like to see a zone.
#[derive(Clone, Copy, Debug)]
pub struct ZoneRequest<'a> {
    connection: &'a Connection,
    app: &'a TypeMap,
    zone: ZoneId,
}

impl<'a> ZoneRequest<'a> {
    /// Who asks, and what is kept with it.
    pub fn connection(&self) -> &'a Connection {
        self.connection
    }

    /// The zone.
    pub fn zone(&self) -> ZoneId {
        self.zone
    }

    /// The application's state of type `A`, which the node was built [`with`](crate::NodeBuilder::with).
    ///
    /// # Panics
    ///
    /// If the node was built without one. A rule that panics refuses.
    #[track_caller]
    pub fn app<A: Send + 'static>(&self) -> &'a A {
        self.app.expect()
    }
}

impl World {
    /// A client has set the parameter `vz` after its HELLO.
    pub(super) fn zones_asked(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let is_ready = self.desk.connections.get(connection).is_some_and(Connection::is_ready);
        if is_ready
            && self.are_chosen()
            && !(self.may_cause(connection, Request::Zones) && self.may_name(connection))
        {
            return self.refused(turn, connection, |world, turn| {
                world.tell_zones(turn, connection);
                world.answer_zones(turn, connection);
            });
        }
        self.apply_chosen_zones(turn, connection);
        self.answer_zones(turn, connection);
    }

    /// Whether a client may name as many zones as it just has; if not, an event says so.
    fn may_name(&mut self, connection: ConnectionId) -> bool {
        let (now, rate) = (self.desk.now, self.limits.zones_named);
        let Some(known) = self.desk.connections.get_mut(connection) else {
            return false;
        };
        let value = known.raw_parameter(VISIBLE_ZONES).unwrap_or_default();
        // What is no list is told apart later, for as much.
        let named = Reader::new(value).array(usize::MAX).unwrap_or(0);
        let may_name = known.named.take(now, rate, 1 + named);
        if !may_name {
            self.zones_refused(connection, Rejection::Rate { rate });
        }
        may_name
    }

    /// Whether clients choose what they see; otherwise the parameter `vz` is the application's, or what this node has
    /// granted.
    fn are_chosen(&self) -> bool {
        matches!(self.zones, Some(Zones::ClientChosen | Zones::ChosenIf(_)))
    }

    /// The parameter `vz` of a client: obeyed if clients may choose. To a plain version 3 peer a change alone sends
    /// nothing (PROTOCOL "Objects").
    pub(super) fn apply_chosen_zones(&mut self, turn: &mut Turn, connection: ConnectionId) {
        if !self.are_chosen() {
            return;
        }
        // Before the handshake it waits.
        let Some(known) = self.desk.connections.get(connection).filter(|known| known.ready) else {
            return;
        };
        let Some(value) = known.raw_parameter(VISIBLE_ZONES) else {
            return;
        };
        let chosen = read_zones(value, self.limits.zones_per_connection);
        self.charged(turn, connection, |world, turn| match chosen {
            Ok(zones) => world.choose(turn, connection, zones),
            Err(reason) => {
                world.see(turn, connection, Vec::new(), true);
                world.zones_refused(connection, reason);
            }
        });
    }

    /// Lets a connection see what is allowed of its choice, and tells it if that is not all.
    fn choose(&mut self, turn: &mut Turn, connection: ConnectionId, mut zones: Vec<ZoneId>) {
        let refused = self.take_refused(connection, &mut zones);
        self.see(turn, connection, zones, true);
        if let Some(zone) = refused {
            self.tell_zones(turn, connection);
            self.zones_refused(connection, Rejection::ZoneNotAllowed(zone));
        }
    }

    /// Takes the zones out that the application's rule does not allow; returns the first of them.
    fn take_refused(&mut self, connection: ConnectionId, zones: &mut Vec<ZoneId>) -> Option<ZoneId> {
        let Self { zones: Some(Zones::ChosenIf(ZoneRule(allows))), desk, .. } = self else {
            return None;
        };
        let connection = desk.connections.get(connection)?;
        let (mut refused, mut panicked) = (None, None);
        zones.retain(|&zone| {
            let request = ZoneRequest { connection, app: &desk.app, zone };
            let allowed = catch_unwind(AssertUnwindSafe(|| allows(&request))).unwrap_or_else(|panic| {
                panicked.get_or_insert_with(|| panic_text(&*panic));
                false
            });
            if !allowed {
                refused.get_or_insert(zone);
            }
            allowed
        });
        if let Some(panic) = panicked {
            desk.warn(None, format!("the rule about zones panicked: {panic}"));
        }
        refused
    }

    /// Lets a connection see exactly `zones`, and tells it if it did not already.
    pub(super) fn grant(&mut self, turn: &mut Turn, connection: ConnectionId, zones: Vec<ZoneId>) {
        if self.is_server(connection) {
            let text = "no zones were granted to a server: it sees none of this node's objects";
            return self.desk.warn(Some(connection), text);
        }
        let zones = sorted(zones);
        let is_news = self.desk.connections.get(connection).is_some_and(|known| known.zones != zones);
        if is_news && self.share(turn, connection, VISIBLE_ZONES, |w| write_zones(&zones, w)) {
            self.see(turn, connection, zones, false);
        }
    }

    /// Tells a connection by `vz` which zones it sees.
    fn tell_zones(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let Some(known) = self.desk.connections.get(connection) else {
            return;
        };
        let zones = known.zones.clone();
        self.share(turn, connection, VISIBLE_ZONES, |w| write_zones(&zones, w));
    }

    /// Asks a server to let this node see exactly `zones`. Returns which of our changes this is; `None` if it cannot be
    /// sent.
    pub(super) fn ask_for_zones(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        zones: Vec<ZoneId>,
    ) -> Option<u32> {
        let zones = sorted(zones);
        if !self.share(turn, connection, VISIBLE_ZONES, |w| write_zones(&zones, w)) {
            return None;
        }
        let known = self.desk.connections.get_mut(connection)?;
        known.zones = zones;
        Some(known.zone_changes)
    }

    /// A server says which zones it has granted.
    pub(super) fn zones_granted(&mut self, connection: ConnectionId) {
        let limit = self.limits.zones_per_connection;
        if let Some(known) = self.desk.connections.get_mut(connection)
            && let Some(Ok(zones)) = known.raw_parameter(VISIBLE_ZONES).map(|value| read_zones(value, limit))
        {
            known.zones = zones;
        }
    }

    /// Lets a connection see `zones`, which are sorted. `is_asked` says that it has asked for that.
    fn see(&mut self, turn: &mut Turn, connection: ConnectionId, zones: Vec<ZoneId>, is_asked: bool) {
        let Some(known) = self.desk.connections.get_mut(connection) else {
            return;
        };
        let lost = without(&known.zones, &zones);
        let gained = without(&zones, &known.zones);
        known.zones = zones;
        // Before the handshake it waits.
        if known.ready {
            self.change_sight(turn, connection, (&lost, &gained), is_asked);
        }
    }

    /// A handshake is finished: what was granted before it is shown now.
    pub(super) fn show_granted_zones(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let granted = self.desk.connections.get(connection).map(|known| known.zones.clone());
        self.change_sight(turn, connection, (&[], &granted.unwrap_or_default()), false);
    }

    /// Whether a client's parameter is one that this node alone sets; then an event says so.
    pub(super) fn refuses(&mut self, turn: &mut Turn, connection: ConnectionId, name: &str) -> bool {
        let is_granted = matches!(self.zones, Some(Zones::Granted));
        let is_refused = !self.is_server(connection) && is_granted && name == VISIBLE_ZONES;
        if is_refused {
            self.zones_refused(connection, Rejection::NotServer);
            self.refused(turn, connection, |world, turn| world.answer_zones(turn, connection));
        }
        is_refused
    }

    fn zones_refused(&mut self, connection: ConnectionId, reason: Rejection) {
        self.desk.event(RequestRejected { connection, request: Request::Zones, reason });
    }

    /// Sets a shared parameter on both sides of a connection, and says whether it can be sent.
    pub(super) fn share(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        name: &str,
        write: impl FnOnce(&mut Writer<'_>),
    ) -> bool {
        let mut value = Vec::new();
        let mut w = Writer::new(&mut value);
        write(&mut w);
        let fault =
            w.fault().or((value.len() > MAX_PARAMETER_SENT).then_some(EncodeFault::TooLarge(value.len())));
        let why = match fault {
            Some(fault) => fault.to_string(),
            None if name.chars().count() > MAX_PARAMETER_NAME => "its name is too long".to_owned(),
            None => {
                if let Some(known) = self.desk.connections.get_mut(connection) {
                    known.set_raw_parameter(name, &value);
                    // The server counts them too, to say which it answers.
                    let is_asked = known.is_server() && name == VISIBLE_ZONES;
                    known.zone_changes = known.zone_changes.wrapping_add(is_asked.into());
                    if known.is_behind() && name == VISIBLE_ZONES {
                        // It would miss it; which zones those are by then is all that matters.
                        self.tell_zones_later(connection);
                        return true;
                    }
                }
                send(turn, connection, &ProtocolMessage::SharedParameter { name, value: &value });
                return true;
            }
        };
        self.desk.warn(Some(connection), format!("the shared parameter {name} was not set: {why}"));
        false
    }
}

pub(super) fn write_zones(zones: &[ZoneId], w: &mut Writer<'_>) {
    w.array(zones.len());
    zones.iter().for_each(|zone| w.unsigned(zone.0.into()));
}

/// At most `limit` zones, sorted.
pub(super) fn read_zones(value: &[u8], limit: usize) -> Result<Vec<ZoneId>, Rejection> {
    let mut reader = Reader::new(value);
    let len = reader.array(usize::MAX)?;
    if len > limit {
        return Err(Rejection::Limit { limit, of: "zones" });
    }
    let zone = |reader: &mut Reader<'_>| {
        let number = reader.integer(0, u32::MAX.into())?;
        Ok(ZoneId(u32::try_from(number).expect("the bounds are those of u32")))
    };
    let zones: Result<_, Rejection> = (0..len).map(|_| zone(&mut reader)).collect();
    zones.map(sorted)
}

fn sorted(mut zones: Vec<ZoneId>) -> Vec<ZoneId> {
    zones.sort_unstable();
    zones.dedup();
    zones
}

/// What is in `zones` and not in `others`, which are sorted both.
fn without(zones: &[ZoneId], others: &[ZoneId]) -> Vec<ZoneId> {
    zones.iter().copied().filter(|zone| others.binary_search(zone).is_err()).collect()
}
