//! One connection's way through the middleware of its endpoint.
//!
//! Out: messages as the endpoint's [view](super::view) has them, through the connection's own middleware if there is
//! any, into datagrams that leave room for what the bytes' middleware adds, and through that into frames. In: the same
//! way back.

use std::sync::Arc;

use super::fault::Fault;
use super::middleware::{BytesMiddleware, MessageMiddleware, PassingMessage, Verdict, guarded};
use super::stack::Stack;
use super::view::{View, ViewId, messages, send_through};
use crate::line::{ConnectionId, Opening};
use crate::wire::{Envelope, MAX_FRAME, RawMessage, ScanLimits, frame_header};

/// What an endpoint with middleware or an encoder keeps for one connection.
pub(super) struct Passage {
    connection: ConnectionId,
    stack: Arc<Stack>,
    pub(super) view: ViewId,
    messages: Vec<Box<dyn MessageMiddleware>>,
    /// Those from here on are called for each message that the connection receives; those before, once for all.
    first_own: usize,
    sealer: Sealer,
    /// What the encoder puts around messages.
    envelope: Envelope,
    /// A message could not pass: nothing but a goodbye may follow it.
    is_broken: bool,
}

/// Memory that all passages share, one at a time.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    datagram: Vec<u8>,
    message: Vec<u8>,
    changed: Vec<u8>,
}

impl Passage {
    pub(super) fn new(connection: ConnectionId, opening: Opening, id: ViewId, view: &View) -> Self {
        let stack = Arc::clone(&view.stack);
        let messages = stack.messages.iter().map(|make| make()).collect();
        let sealer = Sealer::new(&stack, connection, opening);
        let envelope = stack.encoder.as_ref().map(|encoder| encoder.envelope()).unwrap_or_default();
        let first_own = view.shared();
        Self { connection, stack, view: id, messages, first_own, sealer, envelope, is_broken: false }
    }

    /// Whether what the connection receives is what others of the endpoint receive, byte for byte.
    pub(super) fn is_shared(&self) -> bool {
        !self.has_bytes() && self.first_own == self.messages.len()
    }

    /// Whether datagrams pass through anything.
    pub(super) fn has_bytes(&self) -> bool {
        !self.sealer.bytes.is_empty()
    }

    /// Whether messages pass through anything when they come.
    pub(super) fn has_messages(&self) -> bool {
        !self.messages.is_empty()
    }

    /// Appends the frames of some blocks of the log, which come with their numbers; `first` is the first that is still
    /// there.
    pub(super) fn send<'b>(
        &mut self,
        view: &mut View,
        first: u64,
        blocks: impl Iterator<Item = (u64, &'b [u8])>,
        scratch: &mut Scratch,
        frames: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        if self.is_broken {
            return Ok(());
        }
        let mut datagram = std::mem::take(&mut scratch.datagram);
        let Self { connection, stack, messages, first_own, sealer, envelope, .. } = self;
        let envelope = *envelope;
        let mut own = Own { connection: *connection, stack, middleware: &mut messages[*first_own..] };
        let mut packer = Packer { sealer, envelope, datagram: &mut datagram, frames, is_open: false };
        let outcome = own.pack(view, first, blocks, scratch, &mut packer);
        // What stands before the message that could not pass is sent.
        let outcome = packer.finish().and(outcome);
        self.is_broken = outcome.is_err();
        scratch.datagram = datagram;
        outcome
    }

    /// Appends the frame of one last message, if it can pass.
    pub(super) fn say_goodbye(
        &mut self,
        view: &mut View,
        goodbye: &RawMessage<'_>,
        frames: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let (mut message, mut datagram) = (Vec::new(), Vec::new());
        if view.pass(goodbye, &mut message)? == Verdict::Drop {
            return Ok(());
        }
        let Self { connection, stack, messages, first_own, sealer, envelope, .. } = self;
        let envelope = *envelope;
        let mut own = Own { connection: *connection, stack, middleware: &mut messages[*first_own..] };
        let mut packer = Packer { sealer, envelope, datagram: &mut datagram, frames, is_open: false };
        own.push(&message, &mut Scratch::default(), &mut packer)?;
        packer.finish()
    }

    /// What a datagram that came says: messages in msgpack, or nothing if it was dropped.
    pub(super) fn receive<'r>(
        &mut self,
        datagram: &[u8],
        limits: ScanLimits,
        received: &'r mut Received,
    ) -> Result<Option<&'r [u8]>, Fault> {
        let Received { datagram: bytes, messages } = received;
        bytes.clear();
        bytes.extend_from_slice(datagram);
        for middleware in self.sealer.bytes.iter_mut().rev() {
            if guarded(|| middleware.receive(bytes).map_err(Fault::Refused))? == Verdict::Drop {
                return Ok(None);
            }
            if bytes.len() > MAX_FRAME {
                return Err(Fault::Unpacked(bytes.len()));
            }
        }
        let Some(decoder) = &self.stack.decoder else {
            return Ok(Some(bytes));
        };
        messages.clear();
        guarded(|| decoder.decode(bytes, limits, messages).map_err(Fault::Encoding))?;
        Ok(Some(messages))
    }

    /// What a message is when it has passed, or nothing if it was dropped. `changed` lends its memory.
    pub(super) fn receive_message<'m>(
        &mut self,
        raw: &RawMessage<'m>,
        changed: &'m mut Vec<u8>,
    ) -> Result<Option<&'m [u8]>, Fault> {
        let mut message = PassingMessage::new(raw, Some(self.connection), changed);
        for middleware in self.messages.iter_mut().rev() {
            if guarded(|| middleware.receive(&mut message).map_err(Fault::Refused))? == Verdict::Drop {
                return Ok(None);
            }
        }
        Ok(Some(message.into_bytes()))
    }
}

impl std::fmt::Debug for Passage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passage").field("stack", &self.stack).finish_non_exhaustive()
    }
}

/// Memory for what comes in, which all passages share, one datagram at a time.
#[derive(Debug, Default)]
pub(super) struct Received {
    datagram: Vec<u8>,
    messages: Vec<u8>,
}

/// The message middleware that are called for one connection alone.
struct Own<'p> {
    connection: ConnectionId,
    stack: &'p Stack,
    middleware: &'p mut [Box<dyn MessageMiddleware>],
}

impl Own<'_> {
    fn pack<'b>(
        &mut self,
        view: &mut View,
        first: u64,
        blocks: impl Iterator<Item = (u64, &'b [u8])>,
        scratch: &mut Scratch,
        packer: &mut Packer<'_>,
    ) -> Result<(), Fault> {
        for (number, block) in blocks {
            if view.is_plain() {
                packer.push_block(block)?;
                continue;
            }
            for seen in view.look(first, number, block) {
                self.push(seen.map_err(Clone::clone)?, scratch, packer)?;
            }
        }
        Ok(())
    }

    /// Packs a message that has passed what is done once for all.
    fn push(&mut self, seen: &[u8], scratch: &mut Scratch, packer: &mut Packer<'_>) -> Result<(), Fault> {
        if self.middleware.is_empty() {
            return packer.push(seen);
        }
        let raw = RawMessage::parse(seen).expect("a view encodes what nobody looks at any more");
        let Scratch { message, changed, .. } = scratch;
        message.clear();
        let encoder = self.stack.encoder.as_deref();
        match send_through(self.middleware, encoder, &raw, Some(self.connection), changed, message)? {
            Verdict::Pass => packer.push(message),
            Verdict::Drop => Ok(()),
        }
    }
}

/// The last thing that is done to a datagram of one connection.
struct Sealer {
    bytes: Vec<Box<dyn BytesMiddleware>>,
    /// The largest datagram that leaves room for what they add.
    limit: usize,
}

impl Sealer {
    fn new(stack: &Stack, connection: ConnectionId, opening: Opening) -> Self {
        let mut bytes: Vec<_> = stack.bytes.iter().map(|make| make()).collect();
        bytes.iter_mut().for_each(|middleware| middleware.opened(connection, opening));
        let overhead =
            bytes.iter().fold(0_usize, |sum, middleware| sum.saturating_add(middleware.overhead()));
        Self { bytes, limit: MAX_FRAME.saturating_sub(overhead) }
    }

    /// Appends the frame of `datagram`, which is used up.
    fn seal(&mut self, datagram: &mut Vec<u8>, frames: &mut Vec<u8>) -> Result<(), Fault> {
        for middleware in &mut self.bytes {
            if guarded(|| middleware.send(datagram).map_err(Fault::Refused))? == Verdict::Drop {
                return Ok(());
            }
        }
        match datagram.len() {
            // A frame without content is nothing to a receiver.
            0 => {}
            len if len > MAX_FRAME => return Err(Fault::TooLarge { len, limit: MAX_FRAME }),
            len => {
                frames.extend_from_slice(&frame_header(len));
                frames.extend_from_slice(datagram);
            }
        }
        Ok(())
    }
}

/// Packs messages into as few datagrams as they fit in.
struct Packer<'p> {
    sealer: &'p mut Sealer,
    envelope: Envelope,
    datagram: &'p mut Vec<u8>,
    frames: &'p mut Vec<u8>,
    /// The datagram has a message.
    is_open: bool,
}

impl Packer<'_> {
    /// Adds whole messages that need nothing between them, together where they fit.
    fn push_block(&mut self, block: &[u8]) -> Result<(), Fault> {
        if block.len() <= self.sealer.limit {
            return self.push(block);
        }
        messages(block).try_for_each(|message| self.push(message?.bytes))
    }

    fn push(&mut self, message: &[u8]) -> Result<(), Fault> {
        let Envelope { open, between, close } = self.envelope;
        let limit = self.sealer.limit;
        let rest = message.len() + close.len();
        if open.len() + rest > limit {
            return Err(Fault::TooLarge { len: open.len() + rest, limit });
        }
        if self.is_open && self.datagram.len() + between.len() + rest > limit {
            self.finish()?;
        }
        if !std::mem::replace(&mut self.is_open, true) {
            self.datagram.clear();
            self.datagram.extend_from_slice(open);
        } else {
            self.datagram.extend_from_slice(between);
        }
        self.datagram.extend_from_slice(message);
        Ok(())
    }

    /// Ends the datagram, if there is one.
    fn finish(&mut self) -> Result<(), Fault> {
        if !std::mem::take(&mut self.is_open) {
            return Ok(());
        }
        self.datagram.extend_from_slice(self.envelope.close);
        self.sealer.seal(self.datagram, self.frames)
    }
}
