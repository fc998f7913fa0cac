//! Zones: which objects a connection sees, and who decides that.

use super::event::{Rejection, Request, RequestRejected};
use super::{VISIBLE_ZONES, World, send};
use crate::line::{Command, ConnectionId, Turn, ZoneId};
use crate::wire::{EncodeFault, MAX_PARAMETER_NAME, MAX_PARAMETER_SENT, ProtocolMessage, Reader, Writer};

/// Who decides which zones a connection sees. Without a policy every handshaken connection sees every object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Zones {
    /// The server grants them by [`NodeCx::grant_zones`](crate::NodeCx::grant_zones); what a client asks for is
    /// refused.
    Granted,
    /// Clients set the parameter `vz` as they like, as with Python's `ZoneBasedRouter`.
    ClientChosen,
}

impl World {
    /// The parameter `vz` of a client: obeyed if clients may choose. A change alone sends nothing (PROTOCOL "Objects").
    pub(super) fn apply_chosen_zones(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let Some(known) = self.desk.connections.get(connection) else {
            return;
        };
        let Some(value) = known.raw_parameter(VISIBLE_ZONES) else {
            return;
        };
        match self.zones {
            // The parameter is the application's, or what this node has granted.
            None | Some(Zones::Granted) => {}
            // Before the handshake it waits.
            Some(Zones::ClientChosen) if !known.ready => {}
            Some(Zones::ClientChosen) => match read_zones(value, self.limits.zones_per_connection) {
                Ok(zones) => self.subscribe(turn, connection, zones),
                Err(reason) => {
                    self.subscribe(turn, connection, Vec::new());
                    self.zones_refused(connection, reason);
                }
            },
        }
    }

    /// Lets a connection see exactly `zones`, and tells it.
    pub(super) fn grant(&mut self, turn: &mut Turn, connection: ConnectionId, zones: Vec<ZoneId>) {
        if self.share(turn, connection, VISIBLE_ZONES, |w| write_zones(&zones, w)) {
            self.subscribe(turn, connection, zones);
        }
    }

    /// Asks a server to let this node see exactly `zones`.
    pub(super) fn ask_for_zones(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        mut zones: Vec<ZoneId>,
    ) {
        if self.share(turn, connection, VISIBLE_ZONES, |w| write_zones(&zones, w))
            && let Some(known) = self.desk.connections.get_mut(connection)
        {
            zones.sort_unstable();
            zones.dedup();
            known.zones = zones;
        }
    }

    /// A server says which zones it has granted.
    pub(super) fn zones_granted(&mut self, connection: ConnectionId) {
        let limit = self.limits.zones_per_connection;
        if let Some(known) = self.desk.connections.get_mut(connection)
            && let Some(Ok(mut zones)) =
                known.raw_parameter(VISIBLE_ZONES).map(|value| read_zones(value, limit))
        {
            zones.sort_unstable();
            zones.dedup();
            known.zones = zones;
        }
    }

    fn subscribe(&mut self, turn: &mut Turn, connection: ConnectionId, mut zones: Vec<ZoneId>) {
        zones.sort_unstable();
        zones.dedup();
        let Some(known) = self.desk.connections.get_mut(connection) else {
            return;
        };
        for zone in known.zones.iter().filter(|zone| zones.binary_search(zone).is_err()) {
            turn.command(Command::Unsubscribe(connection, *zone));
        }
        for zone in zones.iter().filter(|zone| known.zones.binary_search(zone).is_err()) {
            turn.command(Command::Subscribe(connection, *zone));
        }
        known.zones = zones;
    }

    /// Whether a client's parameter is one that this node alone sets; then an event says so.
    pub(super) fn refuses(&mut self, connection: ConnectionId, name: &str) -> bool {
        let is_refused =
            !self.is_server(connection) && self.zones == Some(Zones::Granted) && name == VISIBLE_ZONES;
        if is_refused {
            self.zones_refused(connection, Rejection::NotServer);
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
                }
                send(turn, connection, &ProtocolMessage::SharedParameter { name, value: &value });
                return true;
            }
        };
        self.desk.warn(Some(connection), format!("the shared parameter {name} was not set: {why}"));
        false
    }
}

fn write_zones(zones: &[ZoneId], w: &mut Writer<'_>) {
    w.array(zones.len());
    zones.iter().for_each(|zone| w.unsigned(zone.0.into()));
}

fn read_zones(value: &[u8], limit: usize) -> Result<Vec<ZoneId>, Rejection> {
    let mut reader = Reader::new(value);
    let len = reader.array(usize::MAX)?;
    if len > limit {
        return Err(Rejection::Limit { limit, of: "zones" });
    }
    let zone = |reader: &mut Reader<'_>| {
        let number = reader.integer(0, u32::MAX.into())?;
        Ok(ZoneId(u32::try_from(number).expect("the bounds are those of u32")))
    };
    (0..len).map(|_| zone(&mut reader)).collect()
}
