//! The turn log as one endpoint with middleware sees it: each message as it is after what is done to it once for all.
//!
//! A block of messages is looked at when the first connection of the endpoint gathers it, and never for an endpoint
//! whose connections do not receive it. The outcome is kept while the log has the block, so the others copy bytes.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::fault::Fault;
use super::middleware::{MessageMiddleware, PassingMessage, Verdict, guarded};
use super::stack::Stack;
use crate::line::ConnectionId;
use crate::wire::{Encoder, MAX_FRAME, RawMessage, ScanLimits};

slotmap::new_key_type! {
    /// One endpoint's view of the log.
    pub(super) struct ViewId;
}

pub(super) struct View {
    pub(super) stack: Arc<Stack>,
    /// The middleware that is called once for all: those before the first that is called for each recipient.
    shared: Vec<Box<dyn MessageMiddleware>>,
    arena: Vec<u8>,
    pieces: Vec<Piece>,
    /// The number of the first block that the rest is about.
    first: u64,
    /// For each block from there on that was looked at, where its pieces are.
    blocks: VecDeque<Option<Range<usize>>>,
    /// Reused: a message that was replaced.
    changed: Vec<u8>,
}

/// What became of a message that was not dropped.
#[derive(Debug)]
pub(super) enum Piece {
    /// It is to be sent; where in the arena it is.
    Message(Range<usize>),
    /// Whoever was to receive it is disconnected.
    End(Fault),
}

impl Piece {
    /// The same, with its bytes at the end of another arena.
    fn moved(self, from: &[u8], to: &mut Vec<u8>) -> Self {
        match self {
            Self::Message(range) => {
                let start = to.len();
                to.extend_from_slice(&from[range]);
                Self::Message(start..to.len())
            }
            Self::End(fault) => Self::End(fault),
        }
    }
}

impl View {
    pub(super) fn new(stack: &Arc<Stack>) -> Self {
        let all = stack.messages.iter().map(|make| make());
        Self {
            stack: Arc::clone(stack),
            shared: all.take_while(|middleware| !middleware.is_per_recipient()).collect(),
            arena: Vec::new(),
            pieces: Vec::new(),
            first: 0,
            blocks: VecDeque::new(),
            changed: Vec::new(),
        }
    }

    /// How many of the endpoint's message middleware are called once for all.
    pub(super) fn shared(&self) -> usize {
        self.shared.len()
    }

    /// Whether messages are what they are in the log: there is no view then.
    pub(super) fn is_plain(&self) -> bool {
        self.stack.messages.is_empty() && self.stack.encoder.is_none()
    }

    /// What became of the messages of the block that is called `number`, when the log begins with the block `first`.
    pub(super) fn look(&mut self, first: u64, number: u64, block: &[u8]) -> impl Iterator<Item = Seen<'_>> {
        if first != self.first {
            self.forget_before(first);
        }
        let index = usize::try_from(number - first).expect("a log has no more blocks than memory has bytes");
        if self.blocks.len() <= index {
            self.blocks.resize(index + 1, None);
        }
        let pieces = match &self.blocks[index] {
            Some(pieces) => pieces.clone(),
            None => {
                let start = self.pieces.len();
                self.add(block);
                let pieces = start..self.pieces.len();
                self.blocks[index] = Some(pieces.clone());
                pieces
            }
        };
        self.pieces[pieces].iter().map(|piece| match piece {
            Piece::Message(range) => Ok(&self.arena[range.clone()]),
            Piece::End(fault) => Err(fault),
        })
    }

    /// Forgets the blocks before `first`, and moves together what is left.
    fn forget_before(&mut self, first: u64) {
        let gone = usize::try_from(first - self.first).unwrap_or(usize::MAX).min(self.blocks.len());
        self.blocks.drain(..gone);
        self.first = first;
        let (arena, mut pieces) = (std::mem::take(&mut self.arena), std::mem::take(&mut self.pieces));
        for block in self.blocks.iter_mut().flatten() {
            let start = self.pieces.len();
            for piece in &mut pieces[block.clone()] {
                let piece = std::mem::replace(piece, Piece::Message(0..0));
                self.pieces.push(piece.moved(&arena, &mut self.arena));
            }
            *block = start..self.pieces.len();
        }
        if self.blocks.is_empty() {
            // Nothing is left, but the memory is.
            (self.arena, self.pieces) = (arena, pieces);
            self.arena.clear();
            self.pieces.clear();
        }
    }

    /// Lets the messages of a block pass.
    fn add(&mut self, block: &[u8]) {
        for message in messages(block) {
            let start = self.arena.len();
            let mut arena = std::mem::take(&mut self.arena);
            let outcome = message.and_then(|raw| self.pass(&raw, &mut arena));
            self.arena = arena;
            match outcome {
                Ok(Verdict::Pass) => self.pieces.push(Piece::Message(start..self.arena.len())),
                Ok(Verdict::Drop) => self.arena.truncate(start),
                Err(fault) => {
                    self.arena.truncate(start);
                    self.pieces.push(Piece::End(fault));
                    // Nobody who receives this block receives more.
                    return;
                }
            }
        }
    }

    /// Appends to `out` what a message is after what is done once for all.
    pub(super) fn pass(&mut self, raw: &RawMessage<'_>, out: &mut Vec<u8>) -> Result<Verdict, Fault> {
        let is_shared = self.shared.len() == self.stack.messages.len();
        let encoder = self.stack.encoder.as_deref().filter(|_| is_shared);
        send_through(&mut self.shared, encoder, raw, None, &mut self.changed, out)
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("stack", &self.stack).finish_non_exhaustive()
    }
}

/// A message as an endpoint sees it, or why its recipients are disconnected.
pub(super) type Seen<'v> = Result<&'v [u8], &'v Fault>;

/// Lets a message pass through `middleware` and `encoder`, and appends what it is then to `out`.
pub(super) fn send_through(
    middleware: &mut [Box<dyn MessageMiddleware>],
    encoder: Option<&dyn Encoder>,
    raw: &RawMessage<'_>,
    connection: Option<ConnectionId>,
    changed: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Result<Verdict, Fault> {
    let mut message = PassingMessage::new(raw, connection, changed);
    for middleware in middleware {
        if guarded(|| middleware.send(&mut message).map_err(Fault::Refused))? == Verdict::Drop {
            return Ok(Verdict::Drop);
        }
    }
    match encoder {
        None => out.extend_from_slice(message.bytes()),
        Some(encoder) => guarded(|| encoder.encode(&message.raw(), out).map_err(Fault::NotEncoded))?,
    }
    Ok(Verdict::Pass)
}

/// The messages of a block that this node has written.
pub(super) fn messages(mut block: &[u8]) -> impl Iterator<Item = Result<RawMessage<'_>, Fault>> {
    // As much as a scan can be asked for: what we have written is not measured by what strangers may.
    let limits = ScanLimits { depth: usize::MAX, elements: MAX_FRAME };
    std::iter::from_fn(move || RawMessage::next(&mut block, limits))
        .map(|message| message.map_err(Fault::NotRead))
}
