//! What a world makes of the news that edges tell: each piece is handled to its end before the next one.

use super::charge::Causing;
use super::connection::Connection;
use super::event::{Connected, Disconnected, MotdReceived, ParameterChanged, SchemaMismatch, TurnedAway};
use super::id::{Authority, ObjectId, Repository};
use super::lifecycle::CreateRequest;
use super::route::Peers;
use super::watch::Place;
use super::{MAGICNET, REPOSITORY, VISIBLE_ZONES, World, send};
use crate::line::{Command, ConnectionId, Ending, Group, HandleUpstream, Opening, Turn, Upstream};
use crate::schema::{Fingerprint, Role};
use crate::wire::{
    DecodeError, DisconnectReason, MAX_PARAMETER_SENT, MessageId, ProtocolMessage, RawMessage, SetObjectField,
};

impl HandleUpstream for World {
    fn handle_upstream(&mut self, news: Upstream<'_>, turn: &mut Turn) {
        let before = turn.weight();
        self.causing = Causing::of(&news);
        match news {
            Upstream::Opened { connection, opening, role, peer, remote } => {
                self.opened(turn, connection, opening, role, peer);
                if let Some(known) = self.desk.connections.get_mut(connection) {
                    known.remote = remote;
                }
            }
            Upstream::TurnedAway { remote, why } => {
                self.desk.event(TurnedAway { remote, why: why.to_owned() });
            }
            Upstream::RoundTrip { connection, time } => {
                if let Some(known) = self.desk.connections.get_mut(connection) {
                    known.round_trip = Some(time);
                }
            }
            Upstream::Greeted { connection, motd } => self.greeted(turn, connection, motd),
            Upstream::Parameter { connection, name, value } => self.parameter(turn, connection, name, value),
            Upstream::Message { connection, message } => self.message(turn, connection, message),
            Upstream::Ignored { connection, what } => self.desk.warn(Some(connection), what),
            Upstream::FellBehind { connection } => self.fell_behind(turn, connection),
            Upstream::Drained { connection } => self.drained(turn, connection),
            Upstream::Closed { connection, ending } => self.closed(turn, connection, ending),
        }
        self.settle(turn);
        self.charge_queued(turn, before);
    }

    fn handle_applied(&mut self, turn: &mut Turn) -> bool {
        let before = turn.weight();
        let was_told = self.tell_next(turn);
        if was_told {
            self.charge_queued(turn, before);
        } else {
            // All that the message has caused is done.
            self.causing = Causing::default();
        }
        was_told
    }
}

impl World {
    fn opened(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        opening: Opening,
        role: Option<Role>,
        peer: Role,
    ) {
        let usual = match opening {
            Opening::Accepted => Role::SERVER,
            Opening::Dialed => Role::CLIENT,
        };
        let peers = Peers { opening, own_role: role.or(self.role).unwrap_or(usual), role: peer };
        let mut known = Connection::new(connection, &peers);
        let group = self.desk.routes.group_of(&peers, self.registry.contracts());
        known.group = group.unwrap_or_default();
        // A node with authority of its own is the first one.
        let first_server = Authority(u32::from(self.authority.is_some()));
        self.desk.connections.insert(known, first_server);
        if group.is_none() {
            let text = format!("more than {} kinds of peers: this one is not served", Group::MAX);
            turn.close(connection, DisconnectReason::LIMIT, &text);
            self.desk.warn(Some(connection), text);
        }
    }

    fn greeted(&mut self, turn: &mut Turn, connection: ConnectionId, motd: Option<&str>) {
        let Some(known) = self.desk.connections.get_mut(connection) else {
            return;
        };
        if !known.is_server() {
            return self.knock(turn, connection);
        }
        known.ready = true;
        // What was set before our HELLO, which has just been sent, is not answered.
        known.zone_changes = 0;
        turn.command(Command::Admit(connection, known.group));
        self.desk.event(MotdReceived { connection, motd: motd.map(str::to_owned) });
    }

    /// Says what this node knows, to peers that can tell.
    pub(super) fn announce(&self, turn: &mut Turn, connection: ConnectionId) {
        let Some(fingerprint) = &self.fingerprint else {
            return;
        };
        let mut value = Vec::new();
        fingerprint.encode(&mut value);
        if value.len() <= MAX_PARAMETER_SENT {
            send(turn, connection, &ProtocolMessage::SharedParameter { name: MAGICNET, value: &value });
        }
    }

    /// Compares what the peer announced with what we are; ends the connection if they cannot talk.
    pub(super) fn agrees(&mut self, turn: &mut Turn, connection: ConnectionId) -> bool {
        let Some(ours) = &self.fingerprint else {
            return true;
        };
        let theirs = self.desk.connections.get(connection).and_then(|known| known.raw_parameter(MAGICNET));
        let Some(theirs) = theirs.map(Fingerprint::decode) else {
            return true;
        };
        let known = if self.is_server(connection) { self.as_client } else { ours.extensions() };
        match theirs.map(|theirs| (ours.compare(&theirs), known.and(theirs.extensions()))) {
            Ok((Ok(()), extensions)) => {
                if let Some(known) = self.desk.connections.get_mut(connection) {
                    known.extensions = extensions;
                }
                turn.command(Command::Extend(connection, extensions));
                true
            }
            Ok((Err(mismatch), _)) => {
                turn.close(connection, DisconnectReason::SCHEMA_MISMATCH, &mismatch.summary());
                self.desk.event(SchemaMismatch { connection, mismatch });
                false
            }
            Err(error) => {
                turn.close(connection, DisconnectReason::MALFORMED, "the parameter mn cannot be read");
                self.desk.warn(Some(connection), format!("the parameter mn cannot be read: {error}"));
                false
            }
        }
    }

    fn parameter(&mut self, turn: &mut Turn, connection: ConnectionId, name: &str, value: &[u8]) {
        if self.refuses(turn, connection, name) {
            return;
        }
        let Some(known) = self.desk.connections.get_mut(connection) else {
            return;
        };
        known.set_raw_parameter(name, value);
        let is_server = known.is_server();
        match name {
            REPOSITORY if is_server => self.welcomed(turn, connection),
            MAGICNET if is_server => {
                self.agrees(turn, connection);
            }
            VISIBLE_ZONES if is_server => self.zones_granted(connection),
            VISIBLE_ZONES => self.zones_asked(turn, connection),
            _ => {}
        }
        self.desk.event(ParameterChanged { connection, name: name.to_owned() });
    }

    /// A server has given this node its repository: the handshake is finished.
    fn welcomed(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let known = self.desk.connections.get_mut(connection).expect("the caller has just written to it");
        let Some(Ok(repository)) = known.parameter::<u32>(REPOSITORY) else {
            // What Python says in this case (PROTOCOL "Disconnect reasons").
            turn.close(connection, DisconnectReason::BROKEN_INVARIANT, "Shared parameter rp is not set");
            return;
        };
        let is_first = known.repository.is_none();
        self.take_repository(connection, Repository(repository));
        if is_first {
            self.desk.event(Connected { connection });
        }
    }

    fn message(&mut self, turn: &mut Turn, connection: ConnectionId, raw: &RawMessage<'_>) {
        if raw.id == MessageId::SET_OBJECT_FIELD {
            return match SetObjectField::decode(raw) {
                Ok(mut message) => self.field(turn, connection, &mut message),
                Err(error) => self.bad_parameters(turn, connection, raw.id, &error),
            };
        }
        if raw.id.is_custom() {
            return self.custom_message(turn, connection, raw);
        }
        match ProtocolMessage::decode(raw) {
            Some(Ok(message)) => self.protocol_message(turn, connection, message),
            Some(Err(error)) => self.bad_parameters(turn, connection, raw.id, &error),
            None => self.custom_message(turn, connection, raw),
        }
    }

    #[cold]
    fn bad_parameters(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        id: MessageId,
        error: &DecodeError,
    ) {
        let what = format!("{id}: {error}");
        turn.close(connection, DisconnectReason::MALFORMED, &what);
        self.desk.warn(Some(connection), what);
    }

    fn protocol_message(&mut self, turn: &mut Turn, connection: ConnectionId, message: ProtocolMessage<'_>) {
        use ProtocolMessage as M;
        let Some(known) = self.desk.connections.get(connection) else {
            return;
        };
        let authority = known.authority;
        let named = |number| ObjectId::from_u64(number).of(authority);
        match message {
            M::SetObjectField { object, role, field, arguments } => {
                let mut message = SetObjectField { object, role, field, arguments };
                self.field(turn, connection, &mut message);
            }
            M::CreateObject { local_id, type_number, owner, zone, calls } => {
                let request = CreateRequest { local_id, type_number, owner, zone: zone.into() };
                self.create_for_peer(turn, connection, request, calls);
            }
            M::RequestDeleteObject { object } => {
                self.delete_for_peer(turn, connection, named(object));
            }
            M::RequestVisibleObjects => self.visible_requested(turn, connection),
            M::GenerateObject { object, type_number, owner, zone } => {
                let place = Place { type_number, owner: Repository(owner), zone: zone.into() };
                self.appears(turn, connection, named(object), place);
            }
            M::ObjectGenerateDone { object } => self.is_done(turn, connection, named(object)),
            M::DestroyObject { object } => self.disappears(turn, connection, named(object)),
            M::ZoneComplete { zone } => self.zone_complete(connection, zone.into()),
            M::ZonesShown { change, zones } => self.zones_shown(turn, connection, change, zones),
            M::Motd { .. }
            | M::Hello { .. }
            | M::Disconnect { .. }
            | M::Shutdown
            | M::SharedParameter { .. }
            | M::Heartbeat { .. } => {
                unreachable!("the edge keeps the messages of the handshake and heartbeats to itself")
            }
        }
    }

    fn closed(&mut self, turn: &mut Turn, connection: ConnectionId, ending: &Ending) {
        let Some(known) = self.desk.connections.get_mut(connection) else {
            return;
        };
        known.ready = false;
        known.is_waiting = false;
        let was_connected = known.repository.is_some();
        let is_server = known.is_server();
        self.stop_showing(connection);
        if is_server {
            self.authority_left(turn, connection);
        } else {
            self.owner_left(turn, connection);
        }
        self.departed.push(connection);
        self.desk.event(Disconnected { connection, was_connected, ending: ending.clone() });
    }
}
