//! What connections are still to be shown: in pieces, each of which waits until the one before it was taken.
//!
//! Whatever shows or ends many objects at once is put [in line](super::steps) for its connection and goes out a piece
//! at a time. So a joiner goes at its own speed, holds nobody up, and costs the world a cursor and its edge a piece.
//! What fits into one piece is there at once.
//!
//! An object begins for a connection when it is shown. As long as a zone is shown to it, or ended, only in part, the
//! connection is not of the zone's audience: what is said of the objects that it knows by then goes to it by name, what
//! is said of the others is in their snapshots when it comes to them, and calls to those are not for it. Who asks for
//! all objects ([`Request`]) is of its audiences already and hears of them as before.

use std::collections::BTreeMap;

use super::connection::Connection;
use super::id::ObjectId;
use super::piece::Piece;
use super::snapshot::send_end;
use super::steps::{Join, Leave, Queued, Request, Showing, Step};
use super::store::ObjectEntry;
use super::zones::write_zones;
use super::{VISIBLE_ZONES, World, send};
use crate::line::{Audience, Command, ConnectionId, Turn, ZoneId};
use crate::wire::{ProtocolMessage, Writer};

impl World {
    /// The zones that a connection sees have changed: ends there what is out of sight and shows what is new, if that
    /// goes without saying for it.
    pub(super) fn change_sight(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        (lost, gained): (&[ZoneId], &[ZoneId]),
        is_asked: bool,
    ) {
        let is_shown = self.desk.connections.get(connection).is_some_and(|known| self.is_shown(known));
        let mut joins = self.desk.connections.take_joins(connection, lost);
        for &zone in lost {
            let joined = joins.remove(&zone);
            if joined.is_none() {
                turn.command(Command::Unsubscribe(connection, zone));
            }
            // Where it was in line and no more, there is nothing to end.
            if is_shown && joined.as_ref().is_none_or(Join::has_begun) {
                let since = self.objects.placements();
                let missed = self.give_up_missed(connection, zone);
                let leave = Leave { ended: None, joined, since, missed, made: BTreeMap::new() };
                self.desk.connections.queue_leave(connection, zone, leave, is_asked);
            }
        }
        for &zone in gained {
            if is_shown {
                self.desk.connections.queue_join(connection, zone, is_asked);
            } else {
                turn.command(Command::Subscribe(connection, zone));
            }
        }
        self.go_on(turn, connection);
    }

    /// What has begun in a zone for a connection that is behind and will not see it.
    fn give_up_missed(&mut self, connection: ConnectionId, zone: ZoneId) -> Vec<ObjectId> {
        let Self { objects, desk, .. } = self;
        let (Some(known), Some(there)) = (desk.connections.get_mut(connection), objects.ids_in(zone)) else {
            return Vec::new();
        };
        // What it made itself it waits for, wherever it looks by then.
        let maker = known.repository();
        let is_meant = |object: ObjectId| Some(object.repository()) != maker;
        known.behind.as_mut().map(|behind| behind.give_up(there, is_meant)).unwrap_or_default()
    }

    /// Tells a connection by `vz` which zones it sees, when it has caught up.
    pub(super) fn tell_zones_later(&mut self, connection: ConnectionId) {
        self.desk.connections.take_steps(connection, |step| matches!(step, Step::Tell));
        self.desk.connections.queue(connection, Step::Tell, false);
    }

    /// Shows a connection all that it may see, because it has asked for that.
    pub(super) fn show_all(&mut self, turn: &mut Turn, connection: ConnectionId) {
        // One that has not begun shows all that this one would.
        let waits = |step: &Step| matches!(step, Step::Request(request) if request.shown.is_none());
        self.desk.connections.take_steps(connection, waits);
        let known = self.desk.connections.get(connection).filter(|_| self.desk.routes.zoned);
        let zones = known.map(|known| known.zones.clone());
        let request = Request { shown: None, zones, since: self.objects.placements() };
        self.desk.connections.queue(connection, Step::Request(request), true);
        self.go_on(turn, connection);
    }

    /// Whoever makes an object waits for it, and may not have been shown its zone that far.
    pub(super) fn show_to_maker(&mut self, turn: &mut Turn, object: ObjectId, maker: ConnectionId) {
        let Some(entry) = self.objects.get(object) else {
            return;
        };
        let showing = self.desk.connections.get_mut(maker).and_then(|known| known.showing.as_mut());
        let join = showing.and_then(|showing| showing.joins.get_mut(&entry.header.zone));
        if let Some(join) = join.filter(|join| !join.has_shown(object)) {
            join.ahead.insert(object);
            self.desk.begin(turn, entry, Audience::Connection(maker));
        }
    }

    /// Answers a change of zones when what is in line before is shown.
    pub(super) fn answer_when_shown(&mut self, turn: &mut Turn, connection: ConnectionId, change: u32) {
        self.desk.connections.queue(connection, Step::Answer(change), false);
        self.go_on(turn, connection);
    }

    /// A connection has taken all that was sent to it.
    pub(super) fn drained(&mut self, turn: &mut Turn, connection: ConnectionId) {
        if !self.catch_up(turn, connection) {
            return;
        }
        if let Some(showing) =
            self.desk.connections.get_mut(connection).and_then(|known| known.showing.as_mut())
        {
            showing.is_awaited = false;
            self.go_on(turn, connection);
        }
    }

    /// A connection is over: nothing more is shown to it.
    pub(super) fn forget_showing(&mut self, connection: ConnectionId) {
        let known = self.desk.connections.get_mut(connection);
        let showing = known.and_then(|known| known.showing.take());
        for Queued { step, .. } in showing.into_iter().flat_map(|showing| showing.steps) {
            self.desk.connections.release(connection, &step);
        }
    }

    /// Sends the next piece, unless the one before it is on its way.
    fn go_on(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let is_idle = |showing: &mut Box<Showing>| !showing.is_awaited;
        let known = self.desk.connections.get_mut(connection).filter(|known| !known.is_behind());
        let Some(mut showing) = known.and_then(|known| known.showing.take_if(is_idle)) else {
            return;
        };
        let mut piece = Piece::new(turn, self.limits.shown_at_once);
        let (mut done, mut asked) = (Vec::new(), 0);
        let begin = turn.mark();
        while let Some(first) = showing.steps.front() {
            let (before, is_asked) = (turn.size(), first.is_asked);
            let is_done = self.perform(turn, connection, &mut showing, &mut piece);
            asked += if is_asked { turn.size() - before } else { 0 };
            if !is_done {
                break;
            }
            done.extend(showing.pop());
        }
        let end = turn.mark();
        for step in &done {
            if let Step::Join(zone) = step {
                turn.command(Command::Subscribe(connection, *zone));
            }
        }
        // Nothing has happened meanwhile, and who joins gets the piece in one.
        turn.move_before(begin, end);
        if !showing.steps.is_empty() {
            turn.command(Command::Await(connection));
            showing.is_awaited = true;
        }
        if let Some(known) = self.desk.connections.get_mut(connection) {
            known.showing = Some(showing).filter(|showing| !showing.steps.is_empty());
        }
        done.iter().for_each(|step| self.desk.connections.release(connection, step));
        self.charge(connection, asked);
    }

    /// Does as much of the first step as there is room for; says whether that is all of it.
    fn perform(
        &self,
        turn: &mut Turn,
        connection: ConnectionId,
        Showing { steps, joins, leaves, .. }: &mut Showing,
        piece: &mut Piece,
    ) -> bool {
        let (Some(known), Some(first)) = (self.desk.connections.get(connection), steps.front_mut()) else {
            return true;
        };
        match &mut first.step {
            Step::Join(zone) => {
                joins.get_mut(zone).is_none_or(|join| self.join(turn, known, (*zone, join), piece))
            }
            Step::Leave(zone) => {
                leaves.get_mut(zone).is_none_or(|leave| self.leave(turn, known, (*zone, leave), piece))
            }
            Step::Request(request) => self.request(turn, known, request, piece),
            Step::Answer(change) => {
                let mut zones = Vec::new();
                write_zones(&known.zones, &mut Writer::new(&mut zones));
                send(turn, connection, &ProtocolMessage::ZonesShown { change: *change, zones: &zones });
                true
            }
            Step::Tell => {
                let value = known.raw_parameter(VISIBLE_ZONES).unwrap_or_default();
                send(turn, connection, &ProtocolMessage::SharedParameter { name: VISIBLE_ZONES, value });
                true
            }
        }
    }

    fn join(
        &self,
        turn: &mut Turn,
        known: &Connection,
        (zone, join): (ZoneId, &mut Join),
        piece: &mut Piece,
    ) -> bool {
        for entry in self.objects.in_zone(zone, join.shown) {
            if !piece.take(turn) {
                return false;
            }
            if self.may_show(entry, known) && !join.has_shown(entry.header.id) {
                self.desk.generate(turn, entry, Audience::Connection(known.id()));
            }
            join.shown = Some(entry.header.id);
        }
        if known.shows_zones() {
            send(turn, known.id(), &ProtocolMessage::ZoneComplete { zone: zone.0 });
        }
        true
    }

    fn leave(
        &self,
        turn: &mut Turn,
        known: &Connection,
        (zone, leave): (ZoneId, &mut Leave),
        piece: &mut Piece,
    ) -> bool {
        for entry in self.objects.in_zone(zone, leave.ended) {
            if !piece.take(turn) {
                return false;
            }
            let id = entry.header.id;
            // What it has made since ends below, once.
            if self.may_show(entry, known) && leave.is_to_end(entry, known) && !leave.has_made(entry) {
                send_end(turn, known.id(), id);
            }
            leave.ended = Some(id);
        }
        while let Some((&id, _)) = leave.made.first_key_value() {
            if !piece.take(turn) {
                return false;
            }
            let entry = self.objects.get(id).filter(|entry| entry.header.zone == zone);
            if entry.is_some_and(|entry| self.may_show(entry, known) && leave.is_to_end(entry, known)) {
                send_end(turn, known.id(), id);
            }
            leave.made.pop_first();
        }
        true
    }

    fn request(&self, turn: &mut Turn, known: &Connection, request: &mut Request, piece: &mut Piece) -> bool {
        let Request { shown, zones, since } = request;
        for entry in self.requested(*shown, zones.as_deref(), known) {
            if !piece.take(turn) {
                return false;
            }
            if self.may_show(entry, known) && entry.placed <= *since {
                self.desk.generate(turn, entry, Audience::Connection(known.id()));
            }
            *shown = Some((entry.header.zone, entry.header.id));
        }
        true
    }

    /// The objects that a request is about, from the first behind `after` on: all, or those in `zones` that the
    /// connection sees still.
    fn requested(
        &self,
        after: Option<(ZoneId, ObjectId)>,
        zones: Option<&[ZoneId]>,
        known: &Connection,
    ) -> impl Iterator<Item = &ObjectEntry> {
        let all = zones.is_none().then(|| self.objects.behind(after));
        let begins = move |zone: ZoneId| after.and_then(|(last, id)| (last == zone).then_some(id));
        let left = move |zone: &&ZoneId| after.is_none_or(|(last, _)| last <= **zone) && known.sees(**zone);
        let zones = zones.unwrap_or_default().iter().filter(left);
        let of_zones = zones.flat_map(move |zone| self.objects.in_zone(*zone, begins(*zone)));
        all.into_iter().flatten().chain(of_zones)
    }
}
