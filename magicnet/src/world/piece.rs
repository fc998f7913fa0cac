//! How much goes out at a time of what is shown, ended or told again: so much, until that was taken.

use crate::line::Turn;

/// How many objects are looked at for a piece: those that a connection may not be shown take time and no bytes.
const OBJECTS: usize = 1_024;

/// How much of a piece is left.
pub(super) struct Piece {
    /// The size of the turn at which it is full.
    end: usize,
    /// How many objects may still be looked at.
    objects: usize,
}

impl Piece {
    /// A piece of about so many bytes.
    pub(super) fn new(turn: &Turn, bytes: usize) -> Self {
        Self { end: turn.size() + bytes.max(1), objects: OBJECTS }
    }

    /// Whether there is room for one more object.
    pub(super) fn take(&mut self, turn: &Turn) -> bool {
        let has_room = turn.size() < self.end && self.objects > 0;
        self.objects -= usize::from(has_room);
        has_room
    }
}
