//! Flushing: who has something to send, from where, and what became of it.
//!
//! Connections stand in a queue. Each gathers, when its turn comes, what the log holds for it; members of one set share
//! the frames, and what a connection does not take is kept for it. Under a tick they stand in the line of their phase
//! first; who has gathered something stands there again, as more is likely to come, and leaves it when nothing did.

use super::datagrams::Datagrams;
use super::fault::Fault;
use super::link::{Link, Stage};
use super::log::News;
use super::{Edge, Limits};
use crate::line::{ConnectionId, HandleUpstream, Opening, Upstream};
use crate::time::Time;

/// Bytes for a connection. Say with [`Node::handle_written`](crate::Node::handle_written) how many it took.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Transmit<'a> {
    /// For whom.
    pub connection: ConnectionId,
    /// Whole frames, but for a rest that was not taken before.
    pub bytes: &'a [u8],
    /// What is to be sent beside the stream and may be lost; there is none unless the connection was opened
    /// [with datagrams](crate::ConnectionConfig::datagrams). What the transport does not take is lost.
    pub datagrams: &'a Datagrams,
}

/// Where the bytes are that were gathered last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Shared,
    Kept,
}

impl Edge {
    /// Gathers the next bytes for a connection that takes bytes; says whether there are any to
    /// [`transmit`](Self::transmit).
    pub(crate) fn prepare_transmit(&mut self, now: Time, world: &mut impl HandleUpstream) -> bool {
        loop {
            self.collect();
            let Some(connection) = self.queue.pop_front() else {
                if self.release(now) {
                    continue;
                }
                self.finish_flush();
                return false;
            };
            if let Some(source) = self.prepare(now, connection, world) {
                self.current = Some((connection, source));
                return true;
            }
        }
    }

    /// The bytes that were gathered last.
    pub(crate) fn transmit(&self) -> Option<Transmit<'_>> {
        let (connection, source) = self.current?;
        let (bytes, datagrams) = match source {
            Source::Shared => (&*self.log.frames, &self.log.datagrams),
            Source::Kept => {
                let link = self.links.get(connection)?;
                let gathered = link.beside.as_ref().map(|beside| &beside.gathered);
                (link.kept.bytes(), gathered.unwrap_or(Datagrams::NONE))
            }
        };
        Some(Transmit { connection, bytes, datagrams })
    }

    /// Everyone whom the log's segments are for stands in the queue, or in the line of its phase.
    fn collect(&mut self) {
        if std::mem::replace(&mut self.is_collected, true) {
            return;
        }
        let Self { links, log, queue, ticks, .. } = self;
        let Some(ticks) = ticks else {
            for connection in log.receivers() {
                let link = &mut links[connection];
                if !std::mem::replace(&mut link.is_queued, true) {
                    queue.push_back(connection);
                }
            }
            return;
        };
        log.line_up(|connection| {
            let link = &mut links[connection];
            if link.stage == Stage::Active && !std::mem::replace(&mut link.is_in_line, true) {
                ticks.push(link.phase, connection);
            }
        });
    }

    /// Under a tick: lets those go whose phase has begun, or all if there is too much; says whether there are any.
    fn release(&mut self, now: Time) -> bool {
        let is_full = self.is_full();
        let Self { links, log, queue, ticks: Some(ticks), .. } = self else {
            return false;
        };
        let applied = log.applied();
        ticks.release(now, is_full && !ticks.are_done(applied), applied, |connection| {
            let Some(link) = links.get_mut(connection) else { return };
            link.is_in_line = false;
            if !std::mem::replace(&mut link.is_queued, true) {
                queue.push_back(connection);
            }
        });
        !queue.is_empty()
    }

    /// What all have gathered is forgotten.
    fn finish_flush(&mut self) {
        if let Some(ticks) = &mut self.ticks
            && !ticks.are_done(self.log.applied())
        {
            let log = &mut self.log;
            return ticks.trim(|gathered| {
                gathered.into_iter().for_each(|mark| log.forget_before(mark));
                log.turn.mark()
            });
        }
        self.log.clear();
        self.is_collected = false;
        if let Some(ticks) = &mut self.ticks {
            ticks.rest();
        }
    }

    /// A connection has looked at the log, and found something or not.
    fn looked(&mut self, connection: ConnectionId, has_news: bool) {
        if self.ticks.is_none() {
            return;
        }
        if has_news {
            return self.stand_in_line(connection);
        }
        if let Some(link) = self.links.get(connection).filter(|link| !link.is_in_line) {
            self.log.leave_line(link);
        }
    }

    /// Gathers for one connection and says where its bytes are, if there are any that it can take.
    fn prepare(
        &mut self,
        now: Time,
        connection: ConnectionId,
        world: &mut impl HandleUpstream,
    ) -> Option<Source> {
        self.visits += 1;
        let link = self.links.get_mut(connection)?;
        link.is_queued = false;
        let news = self.log.news_of(link);
        let has_news = news != News::Nothing;
        let is_shared = link.kept.is_empty() && !link.is_blocked && !link.is_suspended;
        if has_news {
            if is_shared {
                self.log.gather_shared(connection, link, news);
            } else {
                self.log.gather_kept(connection, link);
            }
        }
        let is_waited_for = link.is_waited_for();
        self.looked(connection, has_news);
        if self.log.has_failed() {
            self.apply(now, world);
            return None;
        }
        if is_shared {
            // What is new may all be for others.
            let has_bytes = has_news && !(self.log.frames.is_empty() && self.log.datagrams.is_empty());
            if !has_bytes && is_waited_for {
                self.finish(connection);
            }
            return has_bytes.then_some(Source::Shared);
        }
        let link = self.links.get(connection)?;
        let limit = self.config.limits.kept_output;
        if link.kept.behind() > limit && link.is_blocked && link.stage != Stage::Closing && !link.is_suspended
        {
            self.falls_behind(now, connection, world);
            self.apply(now, world);
            return None;
        }
        let (is_empty, is_blocked) = (link.kept.is_empty(), link.is_blocked);
        if is_empty && !is_blocked {
            self.finish(connection);
        }
        (!is_blocked && !is_empty).then_some(Source::Kept)
    }

    /// More is kept for a connection than may be: a client is told later what it misses once it is suspended, anyone
    /// else ends.
    fn falls_behind(&mut self, now: Time, connection: ConnectionId, world: &mut impl HandleUpstream) {
        let Limits { kept_output, behind_timeout, .. } = self.config.limits;
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        let may_catch_up = link.stage == Stage::Active && link.opening == Opening::Accepted;
        // Where the world is not at hand it may not have heard yet: as much again may come meanwhile, and no more.
        let is_known = link.is_behind();
        if !may_catch_up || is_known || behind_timeout.is_zero() {
            return self.fail(now, connection, &Fault::TooSlow(kept_output), world);
        }
        tracing::debug!(%connection, "does not keep up");
        link.behind_since = Some(now);
        link.kept.count_anew();
        self.laggards.push_back((now + behind_timeout, connection));
        self.tell(world, Upstream::FellBehind { connection });
    }

    /// The world knows that a connection is behind, and tells it later what lasts of all that comes from here on.
    pub(super) fn suspend(&mut self, connection: ConnectionId) {
        self.catch_up(connection);
        let is_meant = |link: &&mut Link| link.is_behind() && link.stage == Stage::Active;
        if let Some(link) = self.links.get_mut(connection).filter(is_meant) {
            link.is_suspended = true;
        }
    }

    /// A connection has been told what it had missed.
    pub(super) fn resume(&mut self, connection: ConnectionId) {
        self.catch_up(connection);
        if let Some(link) = self.links.get_mut(connection) {
            (link.behind_since, link.is_suspended) = (None, false);
        }
    }

    /// A connection may have been behind for too long.
    pub(super) fn check_laggard(
        &mut self,
        now: Time,
        connection: ConnectionId,
        world: &mut impl HandleUpstream,
    ) {
        let Limits { kept_output, behind_timeout, .. } = self.config.limits;
        let since = self.links.get(connection).and_then(|link| link.behind_since);
        if since.is_some_and(|since| since + behind_timeout <= now) {
            self.fail(now, connection, &Fault::TooSlow(kept_output), world);
        }
    }

    /// The connection took `len` bytes of what was handed out last; if that is not all, it is blocked.
    pub(crate) fn handle_written(&mut self, connection: ConnectionId, len: usize) {
        let Some((expected, source)) = self.current.take() else {
            return;
        };
        let Some(link) = self.links.get_mut(connection).filter(|_| expected == connection) else {
            return;
        };
        match source {
            Source::Shared if len < self.log.frames.len() => {
                link.kept.keep_rest(&self.log.frames, len);
                link.is_blocked = true;
            }
            Source::Shared => {}
            Source::Kept => {
                link.kept.written(len);
                if let Some(beside) = &mut link.beside {
                    beside.gathered.clear();
                }
                link.is_blocked = !link.kept.is_empty();
            }
        }
        if link.is_waited_for() {
            self.finish(connection);
        }
    }

    /// Lets go of a connection that is over, and tells the world of one that it waits for, if all has been taken.
    fn finish(&mut self, connection: ConnectionId) {
        self.finish_closing(connection);
        if let Some(link) = self.links.get_mut(connection).filter(|link| link.kept.is_empty())
            && std::mem::take(&mut link.is_awaited)
        {
            self.drained.push_back(connection);
        }
    }

    /// Tells the world of a connection that it waits for. One at a time: what it sends now is a piece of work, and
    /// others wait to be heard.
    pub(super) fn tell_drained(&mut self, world: &mut impl HandleUpstream) {
        while let Some(connection) = self.drained.pop_front() {
            match self.links.get_mut(connection) {
                None => {}
                // Others have made it wait again.
                Some(link) if !link.kept.is_empty() => link.is_awaited = true,
                Some(_) => return self.tell(world, Upstream::Drained { connection }),
            }
        }
    }

    /// A connection that was blocked takes bytes again.
    pub(crate) fn handle_writable(&mut self, connection: ConnectionId) {
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        link.is_blocked = false;
        self.enqueue_now(connection);
    }
}
