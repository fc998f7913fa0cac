//! What is sent is about something, and that says what may become of it on the way.
//!
//! A property has one value, so the newest is worth as much as all of them. How an object begins and ends can be said
//! again to whom it was not said. A call or a message happens once.

/// What the messages of a [`Segment`](super::Segment) are about. Objects are named as on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Something that is said once and belongs to no object: a message, a parameter, the handshake.
    Other,
    /// A call of an object: said once, in its place among what else is said of the object.
    Call(u64),
    /// The beginning or the end of an object, or what it is as a whole.
    Lifecycle(u64),
    /// A value of a property, of which the newest is enough.
    State {
        /// Whose.
        object: u64,
        /// The role in whose table it is.
        role: u8,
        /// Its number there.
        field: u8,
    },
    /// Several things that are state or lifecycle each: whoever misses them can be told anew.
    Several,
}

impl Topic {
    /// Whether it is a value that a newer one replaces.
    pub fn is_state(self) -> bool {
        matches!(self, Self::State { .. })
    }

    /// Whether whoever misses it could be told anew, from what objects are by then.
    pub fn is_lasting(self) -> bool {
        matches!(self, Self::Lifecycle(_) | Self::State { .. } | Self::Several)
    }

    /// What both together are about.
    #[inline]
    pub(super) fn and(self, other: Self) -> Self {
        match () {
            () if self == other => self,
            () if self.is_lasting() && other.is_lasting() => Self::Several,
            () => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_once_makes_all_that_is_with_it_happen_once() {
        let state = |field| Topic::State { object: 7, role: 0, field };
        assert_eq!(state(0).and(state(0)), state(0));
        assert_eq!(state(0).and(state(1)), Topic::Several);
        assert_eq!(Topic::Lifecycle(7).and(state(1)).and(Topic::Lifecycle(8)), Topic::Several);
        assert_eq!(Topic::Call(7).and(Topic::Call(7)), Topic::Call(7));
        assert_eq!(Topic::Several.and(Topic::Call(7)), Topic::Other);
        assert_eq!(Topic::Call(7).and(Topic::Call(8)), Topic::Other);
    }
}
