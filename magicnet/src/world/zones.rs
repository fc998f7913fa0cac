//! Zones: which objects a connection sees, and who decides that.

use super::event::{Rejection, Request, RequestRejected};
use super::{VISIBLE_ZONES, World, send};
use crate::line::{Command, ConnectionId, Turn, ZoneId};
use crate::wire::{NetworkType, ProtocolMessage, Reader, Writer};

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
            // Without zones the parameter is the application's; before the handshake it waits.
            None => {}
            Some(_) if !known.ready => {}
            Some(Zones::Granted) => self.zones_refused(connection, Rejection::NotServer),
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
        let mut value = Vec::new();
        let mut w = Writer::new(&mut value);
        w.array(zones.len());
        zones.iter().for_each(|zone| w.unsigned(zone.0.into()));
        send(turn, connection, &ProtocolMessage::SharedParameter { name: VISIBLE_ZONES, value: &value });
        if let Some(known) = self.desk.connections.get_mut(connection) {
            known.set_raw_parameter(VISIBLE_ZONES, &value);
        }
        self.subscribe(turn, connection, zones);
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

    fn zones_refused(&mut self, connection: ConnectionId, reason: Rejection) {
        self.desk.event(RequestRejected { connection, request: Request::Zones, reason });
    }

    /// Sets a shared parameter on both sides of a connection.
    pub(super) fn set_parameter(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        name: &str,
        value: &impl NetworkType,
    ) {
        let mut bytes = Vec::new();
        value.encode(&mut Writer::new(&mut bytes));
        if let Some(known) = self.desk.connections.get_mut(connection) {
            known.set_raw_parameter(name, &bytes);
        }
        send(turn, connection, &ProtocolMessage::SharedParameter { name, value: &bytes });
    }
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
