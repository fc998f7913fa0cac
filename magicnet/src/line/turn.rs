//! What a world answers: commands in order, over one arena of bytes.

use std::ops::Range;

use super::{Audience, ConnectionId, Group, Groups, Recipients, Topic, ZoneId};
use crate::schema::Via;
use crate::wire::{DisconnectReason, Extensions};

/// How large a segment may grow by joining messages: small against a frame, so that splitting wastes little.
const MAX_BLOCK: usize = 16 * 1024;

/// How many bytes of messages travel in one datagram at most, where they may be lost. The smallest packet that QUIC
/// relies on has 1,200 bytes, and so much is left of it. A message that is larger is reliable.
pub const MAX_DATAGRAM: usize = 1_100;

/// The output of one or more turns: an arena and what to do with its parts, in order of emission.
///
/// A turn is reused: clearing keeps its memory, so a busy node allocates nothing per message.
#[derive(Debug, Default)]
pub struct Turn {
    arena: Vec<u8>,
    segments: Vec<Segment>,
    /// The number of the first segment that is still there; they are numbered on and on.
    first: u64,
    /// The number of the next block of bytes; those that were undone keep theirs.
    next_block: u64,
    /// Blocks below this number are gone.
    first_block: u64,
    /// Segments below this index are not joined to any more: someone holds a mark behind them.
    sealed: usize,
    /// Messages on different topics stay in different segments.
    is_apart: bool,
}

/// One command, with the bytes that belong to it.
#[derive(Clone, Debug)]
pub struct Segment {
    /// What to do.
    pub command: Command,
    /// Where in the arena its bytes are: whole messages for a send, a text for a close.
    pub range: Range<usize>,
    /// Which bytes these are: segments that share them have one number.
    pub block: u64,
    /// What its messages are about.
    pub topic: Topic,
}

/// What an edge is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Sends the segment's messages.
    Send(Recipients),
    /// Finishes the handshake: from now on the connection belongs to audiences, as one of a group.
    Admit(ConnectionId, Group),
    /// Both sides of the connection have announced these extension messages: from now on they may come and go.
    Extend(ConnectionId, Extensions),
    /// The connection sees a zone from now on.
    Subscribe(ConnectionId, ZoneId),
    /// The connection does not see a zone any more.
    Unsubscribe(ConnectionId, ZoneId),
    /// The world has more to send to the connection, and waits until all that was sent has been taken: then comes
    /// [`Upstream::Drained`](super::Upstream::Drained), once, and not before all else that waits was handled.
    Await(ConnectionId),
    /// The connection has [fallen behind](super::Upstream::FellBehind): from here on it receives nothing that lasts
    /// but what is for it alone.
    Suspend(ConnectionId),
    /// The connection, which was suspended, has been told by messages to it alone what it had missed: it receives what
    /// its audiences do again.
    Resume(ConnectionId),
    /// Ends the connection after what was sent to it; the segment's bytes are the detail, none if empty.
    Close(ConnectionId, DisconnectReason),
    /// Ends all connections after what was sent to them, and accepts no more: with SHUTDOWN, or with a reason, to which
    /// the segment's bytes are the detail, none if empty.
    Shutdown(Option<DisconnectReason>),
}

/// A moment of a turn, to go back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    arena: usize,
    segments: usize,
    block: u64,
    /// What the last segment was about.
    topic: Option<Topic>,
}

impl Segment {
    /// Whether it is for one connection alone.
    pub(crate) fn is_for_one(&self) -> bool {
        matches!(self.command, Command::Send(Recipients { audience: Audience::Connection(_), .. }))
    }

    /// How its messages travel, if they may be lost on the way.
    pub fn may_be_lost(&self) -> Option<Via> {
        match self.command {
            Command::Send(Recipients { via, .. }) if via != Via::Reliable => Some(via),
            _ => None,
        }
    }
}

impl Turn {
    /// One that joins messages only if they are on one topic, and each value of a property to none: what replaces
    /// something else can be told apart.
    pub fn apart() -> Self {
        Self { is_apart: true, ..Self::default() }
    }

    /// The commands that are there, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The number of the first of them. Each command has the number that follows on the one before it, also where
    /// commands were forgotten in between.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The command of this number, if it is there.
    pub fn segment(&self, number: u64) -> Option<&Segment> {
        self.segments.get(self.index(number)?)
    }

    /// The number of the first block of bytes that is still there.
    pub fn first_block(&self) -> u64 {
        self.first_block
    }

    /// The bytes of a segment.
    pub fn bytes(&self, range: &Range<usize>) -> &[u8] {
        &self.arena[range.clone()]
    }

    /// How many bytes its commands have.
    pub fn size(&self) -> usize {
        self.arena.len()
    }

    /// How much memory it takes: what many receive one by one has few bytes, and a command for each of them.
    pub fn weight(&self) -> usize {
        self.arena.len() + self.segments.len() * size_of::<Segment>()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.first += self.segments.len() as u64;
        self.first_block = self.next_block;
        self.arena.clear();
        self.segments.clear();
        self.sealed = 0;
    }

    /// Forgets what was emitted before `mark`. All marks are dead then.
    pub fn forget_before(&mut self, mark: Mark) {
        self.first += mark.segments as u64;
        self.first_block = mark.block;
        self.arena.drain(..mark.arena);
        self.segments.drain(..mark.segments);
        for segment in &mut self.segments {
            segment.range = segment.range.start - mark.arena..segment.range.end - mark.arena;
        }
        self.seal();
    }

    /// Lets nobody receive a segment any more, if it is still there.
    pub fn withdraw(&mut self, number: u64) {
        let segment = self.index(number).and_then(|index| self.segments.get_mut(index));
        if let Some(segment) = segment {
            segment.command = Command::Send(Audience::Everyone { except: None }.within(Groups::NONE));
        }
    }

    /// Sends the one message that `write` appends, unless it says that it cannot be sent.
    pub fn send<E>(
        &mut self,
        to: impl Into<Recipients>,
        topic: Topic,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.arena.len();
        if let Err(error) = write(&mut self.arena) {
            self.arena.truncate(start);
            return Err(error);
        }
        self.push_block(to.into(), topic, start);
        Ok(())
    }

    /// Sends the one message that `write` appends.
    pub fn send_message(
        &mut self,
        to: impl Into<Recipients>,
        topic: Topic,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let start = self.arena.len();
        write(&mut self.arena);
        self.push_block(to.into(), topic, start);
    }

    /// Sends the one message that `write` appends to each of these connections: its bytes are there once.
    ///
    /// # Errors
    ///
    /// What `write` says; then nothing is sent.
    pub fn send_each<E>(
        &mut self,
        connections: impl IntoIterator<Item = ConnectionId>,
        via: Via,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (start, first) = (self.arena.len(), self.segments.len());
        let written = write(&mut self.arena);
        if written.is_ok() {
            let block = self.next_block();
            let range = start..self.arena.len();
            let via = if range.len() > MAX_DATAGRAM { Via::Reliable } else { via };
            self.segments.extend(connections.into_iter().map(|connection| {
                let recipients = Recipients::from(Audience::Connection(connection)).via(via);
                let command = Command::Send(recipients);
                Segment { command, range: range.clone(), block, topic: Topic::Other }
            }));
            // The last of them must not grow: its bytes are those of the others.
            self.seal();
        }
        if self.segments.len() == first {
            self.arena.truncate(start);
        }
        written
    }

    /// Does something that needs no bytes.
    pub fn command(&mut self, command: Command) {
        self.push(command, Topic::Other, self.arena.len());
    }

    /// Ends a connection.
    pub fn close(&mut self, connection: ConnectionId, reason: DisconnectReason, detail: &str) {
        self.command_with(Command::Close(connection, reason), detail);
    }

    /// Does something that has a text with it.
    pub fn command_with(&mut self, command: Command, text: &str) {
        let start = self.arena.len();
        self.arena.extend_from_slice(text.as_bytes());
        self.push(command, Topic::Other, start);
    }

    /// Keeps all segments as they are: what is sent from now on begins a new one.
    ///
    /// An edge says so when it has handed something out, because that must not grow.
    pub fn seal(&mut self) {
        self.sealed = self.segments.len();
    }

    /// This moment, to [go back](Self::rollback) to. What is sent from now on begins a new segment.
    pub fn mark(&mut self) -> Mark {
        self.seal();
        self.moment()
    }

    /// The same, but what is sent from now on may join what is there: nothing else can be done at such a mark than to
    /// go back to it.
    pub fn moment(&self) -> Mark {
        let topic = self.segments.last().map(|last| last.topic);
        Mark { arena: self.arena.len(), segments: self.segments.len(), block: self.next_block, topic }
    }

    /// Undoes everything since `mark`.
    pub fn rollback(&mut self, mark: Mark) {
        self.arena.truncate(mark.arena);
        self.segments.truncate(mark.segments);
        if let (Some(last), Some(topic)) = (self.segments.last_mut(), mark.topic) {
            last.range.end = last.range.end.min(mark.arena);
            last.topic = topic;
        }
    }

    /// Moves what was emitted since `second` in front of what was emitted between `first` and `second`.
    pub fn move_before(&mut self, first: Mark, second: Mark) {
        self.segments[first.segments..].rotate_left(second.segments - first.segments);
        self.seal();
    }

    /// Takes over a segment of another turn with its bytes.
    pub(crate) fn copy(&mut self, from: &Self, segment: &Segment) {
        let start = self.arena.len();
        self.arena.extend_from_slice(from.bytes(&segment.range));
        let (range, block) = (start..self.arena.len(), self.next_block());
        self.segments.push(Segment { range, block, ..segment.clone() });
        self.seal();
    }

    /// Takes over a segment that has the same bytes as the last one, which are there already.
    pub(crate) fn copy_again(&mut self, segment: &Segment) {
        let last = self.segments.last().expect("something was copied before it is copied again");
        let (range, block) = (last.range.clone(), last.block);
        self.segments.push(Segment { range, block, ..segment.clone() });
        self.seal();
    }

    /// Takes over all segments of another turn, behind those that are here, as `command` has their commands.
    pub(crate) fn append(&mut self, later: &Self, command: impl Fn(Command) -> Command) {
        let (bytes, blocks) = (self.arena.len(), self.next_block);
        self.arena.extend_from_slice(&later.arena);
        self.next_block += later.next_block - later.first_block;
        self.segments.extend(later.segments.iter().map(|segment| Segment {
            command: command(segment.command),
            range: bytes + segment.range.start..bytes + segment.range.end,
            block: blocks + (segment.block - later.first_block),
            ..segment.clone()
        }));
        self.seal();
    }

    fn push_block(&mut self, mut to: Recipients, topic: Topic, start: usize) {
        let end = self.arena.len();
        let limit = if to.via == Via::Reliable { MAX_BLOCK } else { MAX_DATAGRAM };
        if end - start > limit && to.via != Via::Reliable {
            to.via = Via::Reliable;
        }
        let joins = self.segments.len() > self.sealed;
        match self.segments.last_mut() {
            Some(last)
                if joins
                    && last.range.end == start
                    && matches!(last.command, Command::Send(before) if before == to)
                    && end - last.range.start <= limit
                    && (!self.is_apart || topic == last.topic && !topic.is_state()) =>
            {
                last.range.end = end;
                last.topic = last.topic.and(topic);
            }
            _ => self.push(Command::Send(to), topic, start),
        }
    }

    /// A command with the bytes from `start` on.
    fn push(&mut self, command: Command, topic: Topic, start: usize) {
        let (range, block) = (start..self.arena.len(), self.next_block());
        self.segments.push(Segment { command, range, block, topic });
    }

    fn next_block(&mut self) -> u64 {
        let block = self.next_block;
        self.next_block += 1;
        block
    }

    /// Where the segment of this number is, or will be.
    fn index(&self, number: u64) -> Option<usize> {
        number.checked_sub(self.first).and_then(|index| usize::try_from(index).ok())
    }
}
