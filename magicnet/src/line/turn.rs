//! What a world answers: commands in order, over one arena of bytes.

use std::ops::Range;

use super::{Audience, ConnectionId, Group, Recipients, ZoneId};
use crate::wire::{DisconnectReason, Extensions};

/// How large a segment may grow by joining messages: small against a frame, so that splitting wastes little.
const MAX_BLOCK: usize = 16 * 1024;

/// The output of one or more turns: an arena and what to do with its parts, in order of emission.
///
/// A turn is reused: clearing keeps its memory, so a busy node allocates nothing per message.
#[derive(Debug, Default)]
pub struct Turn {
    arena: Vec<u8>,
    segments: Vec<Segment>,
    /// How many blocks of bytes there were; those that were undone keep their numbers.
    blocks: u32,
    /// Segments below this index are not joined to any more: someone holds a mark behind them.
    sealed: usize,
}

/// One command, with the bytes that belong to it.
#[derive(Clone, Debug)]
pub struct Segment {
    /// What to do.
    pub command: Command,
    /// Where in the arena its bytes are: whole messages for a send, a text for a close.
    pub range: Range<usize>,
    /// Which bytes these are: segments that share them have one number.
    pub block: u32,
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
}

impl Turn {
    /// The commands so far.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
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
        self.arena.clear();
        self.segments.clear();
        self.blocks = 0;
        self.sealed = 0;
    }

    /// Sends the one message that `write` appends, unless it says that it cannot be sent.
    pub fn send<E>(
        &mut self,
        to: impl Into<Recipients>,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.arena.len();
        if let Err(error) = write(&mut self.arena) {
            self.arena.truncate(start);
            return Err(error);
        }
        self.push_block(to.into(), start);
        Ok(())
    }

    /// Sends the one message that `write` appends.
    pub fn send_message(&mut self, to: impl Into<Recipients>, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.arena.len();
        write(&mut self.arena);
        self.push_block(to.into(), start);
    }

    /// Sends the one message that `write` appends to each of these connections: its bytes are there once.
    ///
    /// # Errors
    ///
    /// What `write` says; then nothing is sent.
    pub fn send_each<E>(
        &mut self,
        connections: impl IntoIterator<Item = ConnectionId>,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (start, first) = (self.arena.len(), self.segments.len());
        let written = write(&mut self.arena);
        if written.is_ok() {
            let block = self.next_block();
            let range = start..self.arena.len();
            self.segments.extend(connections.into_iter().map(|connection| {
                let command = Command::Send(Audience::Connection(connection).into());
                Segment { command, range: range.clone(), block }
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
        self.push(command, self.arena.len());
    }

    /// Ends a connection.
    pub fn close(&mut self, connection: ConnectionId, reason: DisconnectReason, detail: &str) {
        self.command_with(Command::Close(connection, reason), detail);
    }

    /// Does something that has a text with it.
    pub fn command_with(&mut self, command: Command, text: &str) {
        let start = self.arena.len();
        self.arena.extend_from_slice(text.as_bytes());
        self.push(command, start);
    }

    /// Keeps all segments as they are: what is sent from now on begins a new one.
    ///
    /// An edge says so before it acts on a segment, because what it has handed out must not grow.
    pub fn seal(&mut self) {
        self.sealed = self.segments.len();
    }

    /// This moment, to [go back](Self::rollback) to.
    pub fn mark(&mut self) -> Mark {
        self.seal();
        Mark { arena: self.arena.len(), segments: self.segments.len() }
    }

    /// Undoes everything since `mark`.
    pub fn rollback(&mut self, mark: Mark) {
        self.arena.truncate(mark.arena);
        self.segments.truncate(mark.segments);
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
        let (bytes, blocks) = (self.arena.len(), self.blocks);
        self.arena.extend_from_slice(&later.arena);
        self.blocks = blocks.checked_add(later.blocks).expect(FEW_BLOCKS);
        self.segments.extend(later.segments.iter().map(|segment| Segment {
            command: command(segment.command),
            range: bytes + segment.range.start..bytes + segment.range.end,
            block: blocks + segment.block,
            ..segment.clone()
        }));
        self.seal();
    }

    fn push_block(&mut self, to: Recipients, start: usize) {
        let end = self.arena.len();
        let joins = self.segments.len() > self.sealed;
        match self.segments.last_mut() {
            Some(last)
                if joins
                    && last.command == Command::Send(to)
                    && last.range.end == start
                    && end - last.range.start <= MAX_BLOCK =>
            {
                last.range.end = end;
            }
            _ => self.push(Command::Send(to), start),
        }
    }

    /// A command with the bytes from `start` on.
    fn push(&mut self, command: Command, start: usize) {
        let (range, block) = (start..self.arena.len(), self.next_block());
        self.segments.push(Segment { command, range, block });
    }

    fn next_block(&mut self) -> u32 {
        let block = self.blocks;
        self.blocks = block.checked_add(1).expect(FEW_BLOCKS);
        block
    }
}

const FEW_BLOCKS: &str = "a turn is cleared long before it has 2^32 blocks";
