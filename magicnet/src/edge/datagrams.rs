//! What may be lost on its way: messages beside the stream, on transports that carry them.
//!
//! Each lot of messages travels in a datagram of its own, so that a lost one takes no other with it. What is sequenced
//! is numbered by the transport, and an edge drops what comes after a later one of its kind.

use crate::hash::HashMap;
use crate::line::MAX_DATAGRAM;
use crate::schema::Via;
use crate::wire::{MessageId, RawMessage};

/// Lots of messages that may be lost, for one connection.
#[derive(Debug, Default)]
pub struct Datagrams {
    bytes: Vec<u8>,
    /// For each lot where it ends, and whether it is sequenced.
    lots: Vec<(usize, bool)>,
}

/// Messages for one datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Datagram<'a> {
    /// Whole messages, [`MAX_DATAGRAM`] bytes at most.
    pub messages: &'a [u8],
    /// Whether it is to be numbered, so that those which arrive late can be dropped: say the number with
    /// [`Node::handle_datagram`](crate::Node::handle_datagram).
    pub is_sequenced: bool,
}

impl Datagrams {
    /// None at all.
    pub(super) const NONE: &Self = &Self { bytes: Vec::new(), lots: Vec::new() };

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lots.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = Datagram<'_>> {
        let mut start = 0;
        self.lots.iter().map(move |(end, is_sequenced)| {
            let messages = &self.bytes[std::mem::replace(&mut start, *end)..*end];
            Datagram { messages, is_sequenced: *is_sequenced }
        })
    }

    /// Appends messages: to the last datagram if there is room and it travels in the same way.
    pub(super) fn push(&mut self, via: Via, messages: &[u8]) {
        let is_sequenced = via == Via::Sequenced;
        let start = self.lots.len().checked_sub(2).map_or(0, |before| self.lots[before].0);
        let fits = self.bytes.len() - start + messages.len() <= MAX_DATAGRAM;
        self.bytes.extend_from_slice(messages);
        match self.lots.last_mut() {
            Some((end, way)) if fits && *way == is_sequenced => *end = self.bytes.len(),
            _ => self.lots.push((self.bytes.len(), is_sequenced)),
        }
    }

    /// Takes everything out of `other`, behind what is there.
    pub(super) fn append(&mut self, other: &mut Self) {
        let start = self.bytes.len();
        self.bytes.append(&mut other.bytes);
        self.lots.extend(other.lots.drain(..).map(|(end, is_sequenced)| (start + end, is_sequenced)));
    }

    /// Forgets everything and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.lots.clear();
    }
}

/// A connection over a transport that carries datagrams.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// What was gathered before its turn came.
    pub(super) gathered: Datagrams,
    newest: HashMap<Kind, u32>,
    /// Where numbers were when kinds were last forgotten that have been silent for long.
    tidied: u32,
}

/// What is sequenced with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Message(MessageId),
    Call { object: u64, role: u8, field: u8 },
}

impl Beside {
    /// Whether no later one of the message's kind has come; remembers this one if so.
    pub(super) fn is_newest(&mut self, message: &RawMessage<'_>, number: u32) -> bool {
        let Some(kind) = Kind::of(message) else { return true };
        if self.newest.len() >= MAX_KINDS && !self.newest.contains_key(&kind) {
            // What is late by so many others is let through.
            self.newest.clear();
        }
        self.forget_old(number);
        let newest = self.newest.entry(kind).or_insert(number);
        // Numbers go round; half of them are behind any of them.
        let is_newer = number.wrapping_sub(*newest) < 1 << 31;
        if is_newer {
            *newest = number;
        }
        is_newer
    }

    /// Numbers go round for all kinds together. Before what comes next of one that has been silent for half a round
    /// would pass for late, what is known of it is forgotten.
    fn forget_old(&mut self, number: u32) {
        let passed = number.wrapping_sub(self.tidied);
        if passed >= 1 << 31 {
            // Late, and of no matter; or the first of all.
            self.tidied = if self.newest.is_empty() { number } else { self.tidied };
        } else if passed >= QUARTER {
            self.newest.retain(|_, newest| number.wrapping_sub(*newest) < QUARTER);
            self.tidied = number;
        }
    }
}

impl Kind {
    /// Nothing if it cannot be read, which whoever handles it will say.
    fn of(message: &RawMessage<'_>) -> Option<Self> {
        if message.id != MessageId::SET_OBJECT_FIELD {
            return Some(Self::Message(message.id));
        }
        let mut params = message.params.clone();
        let object = params.next("object").ok()?;
        let role = params.next("role").ok()?;
        let field = params.next("field").ok()?;
        Some(Self::Call { object, role, field })
    }
}

/// Of how many kinds the newest is remembered, for one connection: 24 KB at most.
const MAX_KINDS: usize = 1_024;

/// Of all numbers.
const QUARTER: u32 = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn lots(datagrams: &Datagrams) -> Vec<(usize, bool)> {
        datagrams.iter().map(|datagram| (datagram.messages.len(), datagram.is_sequenced)).collect()
    }

    #[test]
    fn messages_share_datagrams_while_there_is_room() {
        let mut datagrams = Datagrams::default();
        for len in [500, 600, 1, MAX_DATAGRAM, 10] {
            datagrams.push(Via::Unreliable, &vec![7; len]);
        }
        datagrams.push(Via::Sequenced, &[8; 10]);
        datagrams.push(Via::Sequenced, &[9; 10]);
        let all = [(1_100, false), (1, false), (1_100, false), (10, false), (20, true)];
        assert_eq!(lots(&datagrams), all);

        let mut before = Datagrams::default();
        before.push(Via::Sequenced, &[1; 3]);
        before.append(&mut datagrams);
        assert_eq!(lots(&before), [&[(3, true)][..], &all].concat());
        assert!(datagrams.is_empty() && Datagrams::NONE.is_empty());
        assert_eq!(before.iter().last().unwrap().messages[..11], [8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 9]);
    }

    #[test]
    fn what_is_late_is_dropped_by_kind() {
        let mut beside = Beside::default();
        let (a, b) = ([0x92, 64, 0x90], [0x92, 65, 0x90]);
        let mut is_newest =
            |bytes: &[u8], number| beside.is_newest(&RawMessage::parse(bytes).expect("it is one"), number);
        assert!(is_newest(&a, u32::MAX - 1));
        assert!(is_newest(&a, 3), "numbers go round");
        assert!(!is_newest(&a, u32::MAX));
        assert!(is_newest(&a, 3), "all that is in one datagram has its number");
        assert!(is_newest(&b, 2), "another one");
        let call = |object, field| [0x92, 10, 0x94, object, 0, field, 0x90];
        assert!(is_newest(&call(1, 0), 9));
        assert!(!is_newest(&call(1, 0), 8));
        assert!(is_newest(&call(2, 0), 8) && is_newest(&call(1, 1), 8));
    }

    #[test]
    fn a_kind_that_was_silent_for_long_is_heard_again() {
        let mut beside = Beside::default();
        let (busy, quiet) = ([0x92, 64, 0x90], [0x92, 65, 0x90]);
        let mut is_newest =
            |bytes: &[u8], number| beside.is_newest(&RawMessage::parse(bytes).expect("it is one"), number);
        assert!(is_newest(&quiet, u32::MAX - 5));
        assert!(!is_newest(&quiet, u32::MAX - 9));
        // Three quarters of a round, in steps as one lot after the other would make them.
        for step in 0..12 {
            assert!(is_newest(&busy, step << 28));
        }
        assert!(is_newest(&quiet, 11 << 28));
        assert!(!is_newest(&busy, 10 << 28), "what is late is late still");
    }

    #[test]
    fn kinds_without_end_take_no_memory_without_end() {
        let mut beside = Beside::default();
        for id in 64..10_000_u16 {
            let [high, low] = id.to_be_bytes();
            let bytes = [0x92, 0xcd, high, low, 0x90];
            assert!(beside.is_newest(&RawMessage::parse(&bytes).expect("it is one"), 7));
        }
        assert!(beside.newest.len() <= MAX_KINDS);
    }
}
