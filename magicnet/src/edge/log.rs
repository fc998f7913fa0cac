//! The turn log: what the world wants sent, and who belongs to which audience.
//!
//! The world's segments stay in one arena until all have gathered them. An audience remembers which of them are for it,
//! and each connection gathers, in order, those of its audiences and its own. Who joins or leaves an audience gathers
//! first, so that membership is what it was when a segment was emitted. Segments have numbers that go on and on: a
//! place in the log stays one when its front is forgotten.

use std::sync::Arc;

use indexmap::IndexSet;
use slotmap::SlotMap;

use super::datagrams::Datagrams;
use super::fault::Fault;
use super::link::{Link, Stage};
use super::middleware::guarded;
use super::newest::Newest;
use super::passage::{Passage, Scratch};
use super::stack::Stack;
use super::view::{View, ViewId};
use crate::hash::HashMap;
use crate::line::{
    Audience, Command, ConnectionId, Group, Groups, Mark, Opening, Recipients, Segment, Topic, Turn, ZoneId,
};
use crate::wire::{MAX_FRAME, RawMessage};

/// A set of connections that receive the same.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) connections: IndexSet<ConnectionId>,
    /// Segments of this log that are for them.
    segments: Vec<u64>,
    /// From this segment on none leaves a member out.
    whole_from: u64,
    /// Under a tick: all who have shaken hands stand in the line of their phase.
    is_in_line: bool,
}

impl Members {
    /// Forgets the segments before this one; says whether any are left.
    fn forget_before(&mut self, first: u64) -> bool {
        self.segments.drain(..self.segments.partition_point(|segment| *segment < first));
        !self.segments.is_empty()
    }

    fn has_new(&self, from: u64) -> bool {
        self.segments.last().is_some_and(|last| *last >= from)
    }
}

/// What a connection has not gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    Nothing,
    /// What all members of a set receive, and nothing else.
    OfSet(Set),
    /// Something else.
    Mixed,
}

/// Names a set of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Set {
    Group(Group),
    Zone(ZoneId),
}

/// Frames that several connections receive: the members of a set to whom nothing else is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Share {
    set: Set,
    /// The first segment that they had not gathered,
    from: u64,
    /// and the first that they have not gathered now.
    until: u64,
    /// How their endpoint sees the log.
    view: Option<ViewId>,
    /// Whether they take datagrams that may be lost.
    takes_datagrams: bool,
}

#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) turn: Turn,
    /// The segments before this one have been taken up; what comes behind them is not of this moment.
    applied: u64,
    /// Segments from this one on are for no set: who has gathered up to there need not look at its sets.
    addressed: u64,
    /// By number; each connection is in one.
    groups: Vec<Members>,
    zones: HashMap<ZoneId, Members>,
    /// Sets with segments, in order of their first.
    touched: Vec<Set>,
    /// Under a tick: what newer values take the place of.
    newest: Option<Newest>,
    /// Reused: the segments of one connection.
    order: Vec<u64>,
    /// Reused: the frames of one connection.
    pub(super) frames: Vec<u8>,
    /// Reused: what may be lost of it.
    pub(super) datagrams: Datagrams,
    /// Whose frames those are, if they are not those of one connection alone.
    shared: Option<Share>,
    /// The log as endpoints with middleware see it.
    views: SlotMap<ViewId, View>,
    scratch: Scratch,
    /// Connections to which something could not pass; they are to be ended.
    failed: Vec<(ConnectionId, Fault)>,
}

impl Log {
    /// An empty one; `ticks` says that it is flushed by a tick, so that newer values take the place of older ones.
    pub(super) fn new(ticks: bool) -> Self {
        let turn = if ticks { Turn::apart() } else { Turn::default() };
        Self { turn, newest: ticks.then(Newest::default), ..Self::default() }
    }

    /// The next segment to act on, and its number. It may grow until somebody gathers it: what many small turns say to
    /// the same is one segment then.
    pub(super) fn next_segment(&mut self) -> Option<(u64, Segment)> {
        let number = self.applied;
        let segment = self.turn.segment(number)?.clone();
        self.applied += 1;
        // What is for one connection is counted now, and those in the lines of a tick know segments by their number.
        if segment.is_for_one() || self.newest.is_some() {
            self.turn.seal();
        }
        Some((number, segment))
    }

    /// The number of the first segment that was not acted on.
    pub(super) fn applied(&self) -> u64 {
        self.applied
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.turn.is_empty()
    }

    /// Takes up what is sent: an older value that it makes worthless is for nobody any more, but for those who have
    /// gathered it already.
    pub(super) fn supersede(&mut self, number: u64, recipients: Recipients, topic: Topic) {
        if let Some(newest) = &mut self.newest
            && let Some(older) = newest.put(number, recipients, topic)
        {
            self.turn.withdraw(older);
        }
    }

    /// Takes up a segment that is for a set of connections.
    pub(super) fn address(&mut self, segment: u64, Recipients { audience, groups, .. }: Recipients) {
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
    fn address_set(&mut self, segment: u64, set: Set, is_partial: bool) {
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
        if is_partial {
            members.whole_from = segment + 1;
        }
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

    /// Under a tick: calls `join` with all to whom something is new and who may not stand in line. From now on they
    /// do, until they [leave](Self::leave_line).
    pub(super) fn line_up(&mut self, mut join: impl FnMut(ConnectionId)) {
        for set in &self.touched {
            let members = match set {
                Set::Group(group) => self.groups.get_mut(group.number()),
                Set::Zone(zone) => self.zones.get_mut(zone),
            };
            if let Some(members) = members.filter(|members| !members.is_in_line) {
                members.is_in_line = true;
                members.connections.iter().copied().for_each(&mut join);
            }
        }
    }

    /// A connection does not stand in line any more.
    pub(super) fn leave_line(&mut self, link: &Link) {
        for set in self.sets_of(link) {
            if let Some(members) = self.members_mut(set) {
                members.is_in_line = false;
            }
        }
    }

    /// Puts what is new for a connection into `frames`, which hold whole frames before and after, and what may be lost
    /// into `datagrams` if it takes such. Says whether all of it could be put there.
    fn gather(
        &mut self,
        connection: ConnectionId,
        link: &mut Link,
        frames: &mut Vec<u8>,
        datagrams: &mut Datagrams,
    ) -> bool {
        let mut order = std::mem::take(&mut self.order);
        self.segments_of(link, &mut order);
        let is_missed = link.is_suspended && self.skip(connection, link, &mut order);
        self.failed.extend(is_missed.then_some((connection, Fault::Missed)));
        let mut passage = link.passage.take();
        let is_for = |segment: &Segment| !leaves_out(&segment.command, connection, link);
        let segments =
            || order.iter().filter_map(|number| self.turn.segment(*number)).filter(|segment| is_for(segment));
        let takes_datagrams = link.beside.is_some();
        if takes_datagrams {
            for segment in segments() {
                if let Some(via) = segment.may_be_lost() {
                    datagrams.push(via, self.turn.bytes(&segment.range));
                }
            }
        }
        let blocks = segments()
            .filter(|segment| !takes_datagrams || segment.may_be_lost().is_none())
            .map(|segment| (segment.block, self.turn.bytes(&segment.range)));
        let outcome = match &mut passage {
            None => {
                append_frames(frames, blocks.map(|(_, block)| block));
                Ok(())
            }
            Some(passage) => {
                let view = &mut self.views[passage.view];
                passage.send(view, self.turn.first_block(), blocks, &mut self.scratch, frames)
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
        let mut beside =
            link.beside.as_mut().map(|beside| std::mem::take(&mut beside.gathered)).unwrap_or_default();
        kept.append(|frames| {
            self.gather(connection, link, frames, &mut beside);
        });
        link.kept = kept;
        let is_late = link.is_blocked || link.is_suspended;
        if let Some(known) = &mut link.beside {
            // Nobody keeps what may be lost for somebody who is behind.
            if is_late {
                beside.clear();
            }
            known.gathered = beside;
        }
    }

    /// Lets a connection skip what was taken up so far.
    pub(super) fn pass(&mut self, link: &mut Link) {
        link.gathered = self.applied;
        self.turn.seal();
    }

    /// Puts what is new for a connection into the shared buffer; members of one set share the work.
    pub(super) fn gather_shared(&mut self, connection: ConnectionId, link: &mut Link, news: News) {
        let passage = link.passage.as_deref();
        let view = passage.map(|passage| passage.view);
        let may_share = passage.is_none_or(Passage::is_shared);
        let (from, until) = (self.start_of(link), self.applied);
        let takes_datagrams = link.beside.is_some();
        let only = match news {
            News::OfSet(set) if may_share => Some(Share { set, from, until, view, takes_datagrams }),
            _ => None,
        };
        if only.is_some() && only == self.shared {
            return self.pass(link);
        }
        let mut frames = std::mem::take(&mut self.frames);
        let mut datagrams = std::mem::take(&mut self.datagrams);
        frames.clear();
        datagrams.clear();
        if let Some(beside) = &mut link.beside {
            datagrams.append(&mut beside.gathered);
        }
        let is_whole = self.gather(connection, link, &mut frames, &mut datagrams);
        self.shared = only.filter(|_| is_whole);
        if !is_whole {
            // The goodbye follows what could pass, so it all goes the same way.
            link.kept.append(|kept| kept.append(&mut frames));
        }
        self.frames = frames;
        self.datagrams = datagrams;
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
        self.turn.clear();
        self.forget();
    }

    /// Forgets the segments before `mark`.
    pub(super) fn forget_before(&mut self, mark: Mark) {
        self.turn.forget_before(mark);
        self.forget();
    }

    /// Forgets what concerns segments that are gone.
    fn forget(&mut self) {
        let first = self.turn.first();
        let mut touched = std::mem::take(&mut self.touched);
        touched.retain(|set| self.members_mut(*set).is_some_and(|members| members.forget_before(first)));
        self.touched = touched;
        self.shared = None;
        if let Some(newest) = &mut self.newest {
            newest.forget_before(first);
        }
    }

    /// Whether a connection has anything to gather.
    pub(super) fn has_news(&self, link: &Link) -> bool {
        self.news_of(link) != News::Nothing
    }

    /// What a connection has not gathered.
    pub(super) fn news_of(&self, link: &Link) -> News {
        if !link.direct.is_empty() || link.has_datagrams() {
            return News::Mixed;
        }
        let from = self.start_of(link);
        if self.addressed <= from || link.stage != Stage::Active {
            return News::Nothing;
        }
        let of_group = self.groups.get(link.group.number()).filter(|members| members.has_new(from));
        let mut only = of_group.map(|members| (Set::Group(link.group), members));
        for zone in link.zones() {
            if let Some(members) = self.zones.get(zone).filter(|members| members.has_new(from))
                && only.replace((Set::Zone(*zone), members)).is_some()
            {
                return News::Mixed;
            }
        }
        match only {
            None => News::Nothing,
            Some((set, members)) if members.whole_from <= from => News::OfSet(set),
            Some(_) => News::Mixed,
        }
    }

    /// The segments that a connection has not gathered, in order.
    fn segments_of(&self, link: &Link, order: &mut Vec<u64>) {
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

    /// Takes out of `order` what a connection that is suspended will be told anew; says whether there is anything that
    /// it cannot be told. What is for it alone and lasts is what it is told.
    fn skip(&self, connection: ConnectionId, link: &Link, order: &mut Vec<u64>) -> bool {
        let is_missed = order
            .iter()
            .filter_map(|number| self.turn.segment(*number))
            .any(|segment| !segment.topic.is_lasting() && !leaves_out(&segment.command, connection, link));
        order.clear();
        order.extend(link.direct.iter().filter(|_| !is_missed));
        is_missed
    }

    /// The first segment that a connection has not gathered.
    fn start_of(&self, link: &Link) -> u64 {
        link.gathered.max(self.turn.first())
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
    let Command::Send(Recipients { audience, groups, .. }) = command else {
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
