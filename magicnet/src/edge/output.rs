//! Flushing: who has something to send, from where, and what became of it.
//!
//! Connections stand in a queue. Each gathers, when its turn comes, what the log holds for it; members of one set share
//! the frames, and what a connection does not take is kept for it.

use super::Edge;
use super::fault::Fault;
use super::link::Stage;
use crate::line::{ConnectionId, HandleUpstream, Upstream};
use crate::time::Time;

/// Bytes for a connection. Say with [`Node::handle_written`](crate::Node::handle_written) how many it took.
#[derive(Clone, Copy, Debug)]
pub struct Transmit<'a> {
    /// For whom.
    pub connection: ConnectionId,
    /// Whole frames, but for a rest that was not taken before.
    pub bytes: &'a [u8],
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
        let bytes = match source {
            Source::Shared => &self.log.frames,
            Source::Kept => self.links.get(connection)?.kept.bytes(),
        };
        Some(Transmit { connection, bytes })
    }

    /// Everyone whom the log's segments are for stands in the queue.
    fn collect(&mut self) {
        if std::mem::replace(&mut self.is_collected, true) {
            return;
        }
        for connection in self.log.receivers() {
            let link = &mut self.links[connection];
            if !std::mem::replace(&mut link.is_queued, true) {
                self.queue.push_back(connection);
            }
        }
    }

    /// All have gathered: the log begins anew.
    fn finish_flush(&mut self) {
        self.log.clear();
        self.is_collected = false;
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
        if link.kept.is_empty() && !link.is_blocked {
            if self.log.has_news(link) {
                self.log.gather_shared(connection, link);
                if self.log.has_failed() {
                    self.apply(now, world);
                    return None;
                }
                return (!self.log.frames.is_empty()).then_some(Source::Shared);
            }
            self.finish(connection);
            return None;
        }
        self.log.gather_kept(connection, link);
        if self.log.has_failed() {
            self.apply(now, world);
            return None;
        }
        let limit = self.config.limits.kept_output;
        if link.kept.behind() > limit && link.is_blocked && link.stage != Stage::Closing {
            // Where bytes pass through middleware, one frame may not be read without those before it.
            if link.passage.as_ref().is_none_or(|passage| !passage.has_bytes()) {
                link.kept.drop_whole_frames();
            }
            self.fail(now, connection, &Fault::TooSlow(limit), world);
            self.apply(now, world);
            return None;
        }
        (!link.is_blocked).then_some(Source::Kept)
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
                link.is_blocked = !link.kept.is_empty();
            }
        }
        self.finish(connection);
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
        self.enqueue(connection);
    }
}
