//! The world in the middle: takes the news of all edges, and deals out to each what concerns it.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use super::exchange::Bell;
use super::viewers::Viewers;
use super::{Line, Part};
use crate::edge::{Edge, EdgeConfig, Flush};
use crate::line::{
    Audience, Command, ConnectionId, Ending, HandleUpstream, Names, News, Opening, Segment, Turn, Upstream,
};
use crate::node::endpoint::EndpointConfig;
use crate::node::inner::{Edges, Inner};
use crate::node::{Node, NodeHandle};
use crate::time::Time;
use crate::wire::{DisconnectReason, MessageId};
use crate::world::World;

/// A node without its connections. Its words are those of [`Node`].
#[derive(Debug)]
pub(crate) struct Hub {
    inner: Inner<Parts>,
    bell: Arc<Bell>,
    /// Whose news are taken first, so that no edge always is.
    first: usize,
}

impl Hub {
    /// Takes a node apart, which must not have been driven yet: its world, and as many edges as it wants.
    pub(crate) fn split(node: Node) -> (Self, Vec<Part>) {
        let Node { inner, edges, .. } = node;
        let count = u32::try_from(edges).expect("a builder takes no more than 64");
        let bell = Arc::new(Bell::new());
        let names: Vec<Names> = Names::of_each(count).collect();
        let bells: Vec<Arc<Bell>> = names.iter().map(|_| Arc::new(Bell::new())).collect();
        let lines: Vec<Line> = bells.iter().map(|part| Line::new(&bell, part)).collect();
        let parts = Parts::new(lines.clone(), inner.edges.config());
        let (inner, edge): (_, Edge) = inner.with_edges(parts);
        let config = |names| EdgeConfig { names, ..edge.config().clone() };
        let parts = names.into_iter().zip(lines).zip(bells);
        let parts = parts.map(|((names, line), bell)| Part::new(config(names), names, line, bell)).collect();
        (Self { inner, bell, first: 0 }, parts)
    }

    pub(crate) fn handle(&self) -> NodeHandle {
        self.inner.handle()
    }

    /// Who is woken when something has come up, when there is room again for what goes down, or by a handle.
    pub(crate) fn set_waker(&self, driver: &Waker) {
        self.bell.set_waker(driver);
        self.inner.inbox().set_waker(driver);
    }

    pub(crate) fn take_endpoints(&mut self, now: Time) -> Vec<EndpointConfig> {
        self.inner.take_endpoints(now)
    }

    /// Handles what edges have told, as far as there is room for what follows from it.
    pub(crate) fn handle_news(&mut self, now: Time) {
        let edges = self.inner.edges.lines.len();
        self.inner.world.set_time(now);
        let first = self.first;
        for edge in (0..edges).map(|edge| (first + edge) % edges) {
            self.handle_news_of(edge, now);
        }
        self.first = (self.first + 1) % edges;
    }

    fn handle_news_of(&mut self, edge: usize, now: Time) {
        let parts = &mut self.inner.edges;
        let mut waiting = std::mem::take(&mut parts.lines[edge].waiting);
        if parts.is_full() {
            parts.lines[edge].waiting = waiting;
            return;
        }
        if waiting.is_empty() {
            parts.lines[edge].line.news.take(&mut waiting.news);
        }
        while !self.inner.edges.is_heavy
            && let Some(place) = waiting.next()
        {
            let Inner { edges, world, .. } = &mut self.inner;
            waiting.news.tell(place, |news| edges.handle_upstream(news, world));
            self.inner.finish(now);
        }
        self.inner.edges.lines[edge].waiting = waiting;
    }

    /// Does what handles have asked for.
    pub(crate) fn handle_commands(&mut self, now: Time) {
        self.inner.handle_commands(now);
    }

    pub(crate) fn handle_timeout(&mut self, now: Time) {
        self.inner.world.set_time(now);
        self.inner.world.handle_timeout();
        self.inner.finish(now);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.inner.world.poll_timeout()
    }

    /// Hands over to the edges what was said since the last time.
    pub(crate) fn share_turns(&mut self) {
        for Dealt { line, turn, .. } in &mut self.inner.edges.lines {
            line.turns.give(turn);
        }
        self.inner.edges.is_heavy = false;
    }

    /// Whether everything that can be done was done: the rest waits for others, who wake the driver.
    pub(crate) fn may_sleep(&self) -> bool {
        let parts = &self.inner.edges;
        // What came while others still waited has rung its bell already.
        let is_heard = |dealt: &Dealt| dealt.waiting.is_empty() && dealt.line.news.is_empty();
        parts.is_full() || parts.lines.iter().all(is_heard)
    }

    pub(crate) fn is_shutting_down(&self) -> bool {
        self.inner.edges.shut.is_some()
    }

    /// Whether nothing is left to do: all edges are gone after a shutdown, or one of them is gone without one.
    pub(crate) fn is_finished(&self) -> bool {
        let mut gone = self.inner.edges.lines.iter().map(Dealt::is_gone);
        if self.is_shutting_down() { gone.all(|is_gone| is_gone) } else { gone.any(|is_gone| is_gone) }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.inner.edges.lines.iter().for_each(|dealt| dealt.line.close());
    }
}

/// The edges of a node as its world sees them.
#[derive(Debug)]
struct Parts {
    /// What the world says, until it is dealt out.
    turn: Turn,
    lines: Vec<Dealt>,
    viewers: Viewers,
    /// Connections that the world has ended, which it is to be told next.
    ended: VecDeque<(ConnectionId, Ending)>,
    /// The node is shut down: how connections end that come all the same.
    shut: Option<Ending>,
    /// The messages that may come from a connection that is not admitted yet.
    before_handshake: HashSet<MessageId>,
    /// Counts the turns that were dealt out.
    round: u64,
    /// Something was dealt out that had better go before more is done.
    is_heavy: bool,
}

/// What is on its way to and from one edge.
#[derive(Debug)]
struct Dealt {
    line: Line,
    /// What was said since it was handed over last.
    turn: Turn,
    /// The last block of bytes that was copied there, and in which round: what many receive one by one is there once.
    copied: (u64, u64),
    waiting: Waiting,
}

/// News that were taken, up to where they were handled.
#[derive(Debug, Default)]
struct Waiting {
    news: News,
    place: usize,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.news.is_empty()
    }

    /// The place of the next one; when there is none, the memory is free for others.
    fn next(&mut self) -> Option<usize> {
        let place = self.place;
        if place == self.news.len() {
            self.news.clear();
            self.place = 0;
            return None;
        }
        self.place += 1;
        Some(place)
    }
}

impl Dealt {
    fn new(line: Line) -> Self {
        Self { line, turn: Turn::default(), copied: (0, 0), waiting: Waiting::default() }
    }

    /// Takes over a segment of a world's turn, the `round`th that is dealt out.
    fn take(&mut self, round: u64, from: &Turn, segment: &Segment) {
        let block = (round, segment.block);
        if std::mem::replace(&mut self.copied, block) == block {
            self.turn.copy_again(segment);
        } else {
            self.turn.copy(from, segment);
        }
    }

    /// Whether the edge is gone, and all that it told was handled.
    fn is_gone(&self) -> bool {
        self.waiting.is_empty() && self.line.news.is_over()
    }
}

impl Edges for Parts {
    fn turn(&mut self) -> &mut Turn {
        &mut self.turn
    }

    fn apply(&mut self, _now: Time, world: &mut World) {
        loop {
            self.deal();
            if let Some((connection, ending)) = self.ended.pop_front() {
                self.tell_closed(connection, &ending, world);
            } else if !world.handle_applied(&mut self.turn) {
                return;
            }
        }
    }
}

impl Parts {
    fn new(lines: Vec<Line>, config: &EdgeConfig) -> Self {
        let viewers = Viewers::new(lines.len());
        let lines = lines.into_iter().map(Dealt::new).collect();
        // Edges under a tick must tell apart what replaces something else.
        let turn = if matches!(config.flush, Flush::Every(_)) { Turn::apart() } else { Turn::default() };
        let before_handshake = config.before_handshake.clone();
        let ended = VecDeque::new();
        Self { turn, lines, viewers, ended, shut: None, before_handshake, round: 0, is_heavy: false }
    }

    /// Whether so much waits for an edge that the world had better wait too.
    fn is_full(&self) -> bool {
        self.is_heavy || self.lines.iter().any(|dealt| dealt.line.turns.is_full())
    }

    /// Tells the world what an edge has told, unless it comes from a connection that is over to the world.
    fn handle_upstream(&mut self, news: Upstream<'_>, world: &mut World) {
        match news {
            Upstream::Opened { connection, opening, .. } => {
                self.viewers.insert(connection, opening);
                if opening == Opening::Accepted
                    && let Some(ending) = self.shut.clone()
                {
                    self.ended.push_back((connection, ending));
                }
            }
            Upstream::TurnedAway { .. } => {}
            Upstream::Message { connection, message } => {
                if !self.viewers.is_open(connection) {
                    return;
                }
                if !self.viewers.is_admitted(connection) && !self.before_handshake.contains(&message.id) {
                    return self.turn.close(connection, DisconnectReason::MESSAGE_BEFORE_HELLO, "");
                }
            }
            Upstream::Closed { connection, ending } => {
                return self.tell_closed(connection, ending, world);
            }
            Upstream::Greeted { connection, .. }
            | Upstream::Parameter { connection, .. }
            | Upstream::Drained { connection }
            | Upstream::FellBehind { connection }
            | Upstream::RoundTrip { connection, .. }
            | Upstream::Ignored { connection, .. } => {
                if !self.viewers.is_open(connection) {
                    return;
                }
            }
        }
        world.handle_upstream(news, &mut self.turn);
    }

    fn tell_closed(&mut self, connection: ConnectionId, ending: &Ending, world: &mut World) {
        if self.viewers.remove(connection) {
            world.handle_upstream(Upstream::Closed { connection, ending }, &mut self.turn);
        }
    }

    /// Deals out what the world has said: to each edge what concerns its connections, in order.
    fn deal(&mut self) {
        if self.turn.is_empty() {
            return;
        }
        self.round += 1;
        let mut turn = std::mem::take(&mut self.turn);
        for segment in turn.segments() {
            self.deal_segment(&turn, segment);
        }
        turn.clear();
        self.turn = turn;
        self.is_heavy |= self.lines.iter().any(|dealt| dealt.turn.weight() >= super::TURN_LIMIT);
    }

    fn deal_segment(&mut self, turn: &Turn, segment: &Segment) {
        match segment.command {
            Command::Send(recipients) => match recipients.audience {
                Audience::Connection(connection) => self.deal_to(connection, turn, segment),
                Audience::Zone { zone, .. }
                | Audience::ZoneUnless { zone, .. }
                | Audience::ZoneAnd { zone, .. } => {
                    for edge in self.viewers.edges_of(zone) {
                        self.lines[edge].take(self.round, turn, segment);
                    }
                }
                Audience::Everyone { .. } => self.deal_to_all(turn, segment),
            },
            Command::Admit(connection, _) => {
                self.viewers.admit(connection);
                self.deal_to(connection, turn, segment);
            }
            Command::Extend(connection, _)
            | Command::Await(connection)
            | Command::Suspend(connection)
            | Command::Resume(connection) => self.deal_to(connection, turn, segment),
            Command::Subscribe(connection, zone) => {
                self.viewers.subscribe(connection, zone);
                self.deal_to(connection, turn, segment);
            }
            Command::Unsubscribe(connection, zone) => {
                self.viewers.unsubscribe(connection, zone);
                self.deal_to(connection, turn, segment);
            }
            Command::Close(connection, reason) => {
                self.deal_to(connection, turn, segment);
                let detail = text(turn, segment);
                self.ended.push_back((connection, Ending::ByUs { reason, detail }));
            }
            Command::Shutdown(reason) => {
                self.deal_to_all(turn, segment);
                let detail = text(turn, segment);
                let by_us = |reason| Ending::ByUs { reason, detail };
                let ending = self.shut.get_or_insert(reason.map_or(Ending::Shutdown, by_us));
                // Servers are heard out: how those connections end, their edges tell.
                self.ended.extend(self.viewers.accepted().map(|connection| (connection, ending.clone())));
            }
        }
    }

    fn deal_to(&mut self, connection: ConnectionId, turn: &Turn, segment: &Segment) {
        if self.viewers.is_open(connection) {
            let edge = Names::edge_of(self.lines.len(), connection);
            self.lines[edge].take(self.round, turn, segment);
        }
    }

    fn deal_to_all(&mut self, turn: &Turn, segment: &Segment) {
        for dealt in &mut self.lines {
            dealt.take(self.round, turn, segment);
        }
    }
}

/// What a command says besides itself.
fn text(turn: &Turn, segment: &Segment) -> Option<String> {
    let bytes = turn.bytes(&segment.range);
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
}
