//! The turn log: what the world wants sent, and who belongs to which audience.
//!
//! The world's segments stay in one arena until they are flushed. An audience remembers which of them are for it, and
//! each connection gathers, in order, those of its audiences and its own. Who joins or leaves an audience gathers
//! first, so that membership is what it was when a segment was emitted.

use std::sync::Arc;

use indexmap::IndexSet;
use slotmap::SlotMap;

use super::fault::Fault;
use super::link::{Link, Stage};
use super::middleware::guarded;
use super::passage::{Passage, Scratch};
use super::stack::Stack;
use super::view::{View, ViewId};
use crate::hash::HashMap;
use crate::line::{
    Audience, Command, ConnectionId, Group, Groups, Opening, Recipients, Segment, Turn, ZoneId,
};
use crate::wire::{MAX_FRAME, RawMessage};

/// A set of connections that receive the same.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) connections: IndexSet<ConnectionId>,
    /// Segments of this log that are for them.
    segments: Vec<u32>,
    /// Whether one of these leaves a member out.
    has_exceptions: bool,
}

impl Members {
    fn is_touched(&self) -> bool {
        !self.segments.is_empty()
    }
}

/// Names a set of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Set {
    Group(Group),
    Zone(ZoneId),
}

#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) turn: Turn,
    /// Segments of the turn below this index have been taken up; what comes behind them is not of this moment.
    applied: u32,
    /// Segments from this index on are for no set: who has gathered up to there need not look at its sets.
    addressed: u32,
    /// By number; each connection is in one.
    groups: Vec<Members>,
    zones: HashMap<ZoneId, Members>,
    /// Sets with segments, in order of their first.
    touched: Vec<Set>,
    /// Counts the logs, so that a connection knows whether its place is in this one.
    epoch: u64,
    /// Reused: the segments of one connection.
    order: Vec<u32>,
    /// Reused: the frames of one connection.
    pub(super) frames: Vec<u8>,
    /// Whose frames those are: all members of a set that had gathered nothing of this log, up to a segment, and whose
    /// endpoint has the same view of it.
    shared: Option<(Set, u32, Option<ViewId>)>,
    /// The log as endpoints with middleware see it.
    views: SlotMap<ViewId, View>,
    scratch: Scratch,
    /// Connections to which something could not pass; they are to be ended.
    failed: Vec<(ConnectionId, Fault)>,
}

impl Log {
    pub(super) fn new() -> Self {
        Self { epoch: 1, ..Self::default() }
    }

    /// The next segment to act on, which does not grow any more, and its index.
    pub(super) fn next_segment(&mut self) -> Option<(u32, Segment)> {
        let segment = self.turn.segments().get(self.applied as usize)?.clone();
        let index = self.applied;
        self.applied = index.checked_add(1).expect("a log is flushed long before it has 2^32 segments");
        self.turn.seal();
        Some((index, segment))
    }

    /// Takes up a segment that is for a set of connections.
    pub(super) fn address(&mut self, segment: u32, Recipients { audience, groups }: Recipients) {
        match audience {
            // Its link has it.
            Audience::Connection(_) => {}
            Audience::Zone { zone, except } => {
                self.address_set(segment, Set::Zone(zone), except.is_some() || groups != Groups::ALL);
            }
            Audience::ZoneUnless { zone, .. } | Audience::ZoneAnd { zone, .. } => {
                self.address_set(segment, Set::Zone(zone), true);
            }
            Audience::Everyone { except } => {
                let numbers = 0..self.groups.len();
                for group in numbers.filter_map(Group::new).filter(|group| groups.contains(*group)) {
                    self.address_set(segment, Set::Group(group), except.is_some());
                }
            }
        }
    }

    /// Takes up a segment for one set; `is_partial` says that it leaves members out.
    fn address_set(&mut self, segment: u32, set: Set, is_partial: bool) {
        let members = match set {
            Set::Group(group) => self.groups.get_mut(group.number()),
            Set::Zone(zone) => self.zones.get_mut(&zone),
        };
        // Nobody sees the zone, or belongs to the group.
        let Some(members) = members else { return };
        if members.segments.is_empty() {
            self.touched.push(set);
        }
        members.segments.push(segment);
        members.has_exceptions |= is_partial;
        self.addressed = segment + 1;
    }

    pub(super) fn admit(&mut self, connection: ConnectionId, group: Group) {
        if self.groups.len() <= group.number() {
            self.groups.resize_with(group.number() + 1, Members::default);
        }
        self.groups[group.number()].connections.insert(connection);
    }

    pub(super) fn subscribe(&mut self, connection: ConnectionId, zone: ZoneId) {
        self.zones.entry(zone).or_default().connections.insert(connection);
    }

    pub(super) fn unsubscribe(&mut self, connection: ConnectionId, zone: ZoneId) {
        let Some(members) = self.zones.get_mut(&zone) else {
            return;
        };
        members.connections.swap_remove(&connection);
        // Pending segments are for members that have left: they have gathered them. That `touched` names the zone, and
        // names it twice when others come, does no harm.
        if members.connections.is_empty() {
            self.zones.remove(&zone);
        }
    }

    pub(super) fn dismiss(&mut self, connection: ConnectionId, group: Group) {
        if let Some(members) = self.groups.get_mut(group.number()) {
            members.connections.swap_remove(&connection);
        }
    }

    /// All connections that the segments are for, but those addressed alone.
    pub(super) fn receivers(&self) -> impl Iterator<Item = ConnectionId> {
        let sets = self.touched.iter().filter_map(|set| self.members(*set));
        sets.flat_map(|members| members.connections.iter().copied())
    }

    /// Puts what is new for a connection into `frames`, which hold whole frames before and after. Says whether all of
    /// it could be put there.
    fn gather(&mut self, connection: ConnectionId, link: &mut Link, frames: &mut Vec<u8>) -> bool {
        let mut order = std::mem::take(&mut self.order);
        self.segments_of(link, &mut order);
        let mut passage = link.passage.take();
        let segments = self.turn.segments();
        let is_for = |segment: &Segment| !leaves_out(&segment.command, connection, link);
        let blocks = order
            .iter()
            .map(|index| &segments[*index as usize])
            .filter(|segment| is_for(segment))
            .map(|segment| (segment.block, self.turn.bytes(&segment.range)));
        let outcome = match &mut passage {
            None => {
                append_frames(frames, blocks.map(|(_, block)| block));
                Ok(())
            }
            Some(passage) => {
                let view = &mut self.views[passage.view];
                passage.send(view, self.epoch, blocks, &mut self.scratch, frames)
            }
        };
        link.passage = passage;
        self.order = order;
        link.forget_direct();
        self.pass(link);
        let is_whole = outcome.is_ok();
        self.failed.extend(outcome.err().map(|fault| (connection, fault)));
        is_whole
    }

    /// Puts what is new for a connection behind what is kept for it.
    pub(super) fn gather_kept(&mut self, connection: ConnectionId, link: &mut Link) {
        let mut kept = std::mem::take(&mut link.kept);
        kept.append(|frames| {
            self.gather(connection, link, frames);
        });
        link.kept = kept;
    }

    /// Lets a connection skip what was taken up so far.
    pub(super) fn pass(&self, link: &mut Link) {
        link.gathered = (self.epoch, self.applied);
    }

    /// Puts what is new for a connection into the shared buffer; members of one set share the work.
    pub(super) fn gather_shared(&mut self, connection: ConnectionId, link: &mut Link) {
        let passage = link.passage.as_deref();
        let view = passage.map(|passage| passage.view);
        let may_share = passage.is_none_or(Passage::is_shared);
        let only = self.only_set(link).filter(|_| may_share).map(|set| (set, self.applied, view));
        if only.is_some() && only == self.shared {
            return self.pass(link);
        }
        let mut frames = std::mem::take(&mut self.frames);
        frames.clear();
        let is_whole = self.gather(connection, link, &mut frames);
        self.shared = only.filter(|_| is_whole);
        if !is_whole {
            // The goodbye follows what could pass, so it all goes the same way.
            link.kept.append(|kept| kept.append(&mut frames));
        }
        self.frames = frames;
    }

    /// A connection of an endpoint with middleware or an encoder has come; `connection` is what those call it.
    pub(super) fn open_passage(
        &mut self,
        connection: ConnectionId,
        opening: Opening,
        stack: &Arc<Stack>,
    ) -> Result<Passage, Fault> {
        let known = self.views.iter().find(|(_, view)| Arc::ptr_eq(&view.stack, stack));
        let id = match known {
            Some((id, _)) => id,
            None => {
                // Views whose endpoint and connections are gone.
                self.views.retain(|_, view| Arc::strong_count(&view.stack) > 1);
                self.views.insert(guarded(|| Ok(View::new(stack)))?)
            }
        };
        guarded(|| Ok(Passage::new(connection, opening, id, &self.views[id])))
    }

    /// Puts one last message behind what is kept for a connection.
    pub(super) fn say_goodbye(&mut self, link: &mut Link, goodbye: &[u8]) {
        let Some(passage) = &mut link.passage else {
            return link.kept.append(|frames| append_frames(frames, std::iter::once(goodbye)));
        };
        let raw = RawMessage::parse(goodbye).expect("the edge has just encoded it");
        let view = &mut self.views[passage.view];
        link.kept.append(|frames| {
            if let Err(fault) = passage.say_goodbye(view, &raw, frames) {
                tracing::debug!(%fault, "a goodbye could not pass");
            }
        });
    }

    /// A connection that is to be ended, because something could not pass to it.
    pub(super) fn take_failed(&mut self) -> Option<(ConnectionId, Fault)> {
        self.failed.pop()
    }

    /// Whether there are such connections.
    pub(super) fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Forgets the segments and keeps the memory.
    pub(super) fn clear(&mut self) {
        let mut touched = std::mem::take(&mut self.touched);
        for set in touched.drain(..) {
            if let Some(members) = self.members_mut(set) {
                members.segments.clear();
                members.has_exceptions = false;
            }
        }
        self.touched = touched;
        self.turn.clear();
        self.applied = 0;
        self.addressed = 0;
        self.shared = None;
        self.epoch += 1;
    }

    /// Whether a connection has anything to gather.
    pub(super) fn has_news(&self, link: &Link) -> bool {
        let from = self.start_of(link);
        let is_new = |members: &Members| members.segments.last().is_some_and(|last| *last >= from);
        let is_seen = |zone| self.zones.get(zone).is_some_and(is_new);
        let has_new_of_group = || self.groups.get(link.group.number()).is_some_and(is_new);
        let has_new_of_sets = || has_new_of_group() || link.zones().iter().any(is_seen);
        !link.direct.is_empty() || self.addressed > from && link.stage == Stage::Active && has_new_of_sets()
    }

    /// The segments that a connection has not gathered, in order.
    fn segments_of(&self, link: &Link, order: &mut Vec<u32>) {
        order.clear();
        order.extend_from_slice(&link.direct);
        let from = self.start_of(link);
        let mut lists = usize::from(!order.is_empty());
        for members in self.sets_of(link).filter_map(|set| self.members(set)) {
            let new = &members.segments[members.segments.partition_point(|segment| *segment < from)..];
            order.extend_from_slice(new);
            lists += usize::from(!new.is_empty());
        }
        if lists > 1 {
            order.sort_unstable();
        }
    }

    /// The set whose segments, all of this log and without exception, are all that the connection receives.
    fn only_set(&self, link: &Link) -> Option<Set> {
        if !link.direct.is_empty() || self.start_of(link) > 0 || link.stage != Stage::Active {
            return None;
        }
        let of_group = self.groups.get(link.group.number()).filter(|members| members.is_touched());
        let mut only = of_group.map(|members| (Set::Group(link.group), members));
        for zone in link.zones() {
            if let Some(members) = self.zones.get(zone).filter(|members| members.is_touched())
                && only.replace((Set::Zone(*zone), members)).is_some()
            {
                return None;
            }
        }
        only.filter(|(_, members)| !members.has_exceptions).map(|(set, _)| set)
    }

    fn start_of(&self, link: &Link) -> u32 {
        let (epoch, segment) = link.gathered;
        if epoch == self.epoch { segment } else { 0 }
    }

    /// Only handshaken connections belong to sets; zones that others were granted wait for the handshake.
    fn sets_of<'a>(&self, link: &'a Link) -> impl Iterator<Item = Set> + use<'a> {
        let is_active = link.stage == Stage::Active;
        let zones = if is_active { link.zones() } else { &[] };
        is_active
            .then_some(Set::Group(link.group))
            .into_iter()
            .chain(zones.iter().map(|zone| Set::Zone(*zone)))
    }

    fn members(&self, set: Set) -> Option<&Members> {
        match set {
            Set::Group(group) => self.groups.get(group.number()),
            Set::Zone(zone) => self.zones.get(&zone),
        }
    }

    fn members_mut(&mut self, set: Set) -> Option<&mut Members> {
        match set {
            Set::Group(group) => self.groups.get_mut(group.number()),
            Set::Zone(zone) => self.zones.get_mut(&zone),
        }
    }
}

/// Whether a segment for a set that the connection belongs to is not for it all the same.
fn leaves_out(command: &Command, connection: ConnectionId, link: &Link) -> bool {
    let Command::Send(Recipients { audience, groups }) = command else {
        return false;
    };
    match audience {
        Audience::Connection(_) => false,
        Audience::Zone { except, .. } | Audience::Everyone { except } => {
            *except == Some(connection) || !groups.contains(link.group)
        }
        Audience::ZoneUnless { unless, except, .. } => {
            link.sees(*unless) || *except == Some(connection) || !groups.contains(link.group)
        }
        Audience::ZoneAnd { and, knows, .. } => {
            !link.sees(*and) || !link.extensions.contains(*knows) || !groups.contains(link.group)
        }
    }
}

/// Appends `blocks` as few frames as they fit in. No block is larger than a frame, and none is split.
pub(super) fn append_frames<'a>(frames: &mut Vec<u8>, blocks: impl Iterator<Item = &'a [u8]>) {
    let mut start = None;
    for block in blocks {
        let open = start.filter(|start| frames.len() - start - 2 + block.len() <= MAX_FRAME);
        if open.is_none() {
            finish_frame(frames, start);
            start = Some(frames.len());
            frames.extend_from_slice(&[0, 0]);
        }
        frames.extend_from_slice(block);
    }
    finish_frame(frames, start);
}

fn finish_frame(frames: &mut [u8], start: Option<usize>) {
    if let Some(start) = start {
        let header = crate::wire::frame_header(frames.len() - start - 2);
        frames[start..start + 2].copy_from_slice(&header);
    }
}
