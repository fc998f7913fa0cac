//! Extension messages: ids 13 to 63, which version 3 leaves free and which travel only between peers that announced
//! them to each other.
//!
//! | id | name | params | direction |
//! |---|---|---|---|
//! | 13 | ZONE_COMPLETE | u32 zone | server -> client |
//! | 14 | ZONES_SHOWN | u32 change, list of u32 zones | server -> client |
//! | 15 | HEARTBEAT | u32 number, bool answer | both |
//!
//! ZONE_COMPLETE follows the last object of a zone that the connection did not see before. ZONES_SHOWN answers a change
//! of `vz` that the client asked for, `change` being how many it has sent since its HELLO: these are the zones that it
//! sees now, and all that is in them has been shown.
//!
//! HEARTBEAT with `answer` false is a question, to be sent back at once with the same number and `answer` true.

use super::MessageId;

/// A set of extension messages: what one peer knows, or what both do.
///
/// In the parameter `mn` it is one integer whose bit `n` stands for the message with the id `n`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Extensions(u64);

impl Extensions {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// Automatic interest: who changes its zones is shown what is in them, and told when that is complete.
    pub const INTEREST: Self = Self(1 << MessageId::ZONE_COMPLETE.0 | 1 << MessageId::ZONES_SHOWN.0);

    /// Heartbeats: who is asked for a sign of life gives one.
    pub const HEARTBEAT: Self = Self(1 << MessageId::HEARTBEAT.0);

    /// The set with the given bits; those that are no extension's count for nothing.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits & !((1 << FIRST_EXTENSION) - 1))
    }

    /// Its bits, by id.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether everything of `others` is in it.
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether the message is in it.
    pub fn knows(self, id: MessageId) -> bool {
        id.is_extension() && self.0 & 1 << id.0 != 0
    }
}

/// The first id that version 3 leaves free.
pub(super) const FIRST_EXTENSION: u64 = 13;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_ids_and_those_of_version_3_count_for_nothing() {
        let all = Extensions::from_bits(u64::MAX);
        for id in 0..=64 {
            assert_eq!(all.knows(MessageId(id)), (13..64).contains(&id), "{id}");
        }
        assert_eq!(Extensions::from_bits(0x1fff), Extensions::NONE);
        assert_eq!(Extensions::INTEREST.bits(), 0x6000);
    }

    #[test]
    fn a_part_of_a_feature_is_not_the_feature() {
        let half = Extensions::from_bits(1 << 13);
        assert!(!half.contains(Extensions::INTEREST));
        assert!(Extensions::from_bits(0x16000).contains(Extensions::INTEREST));
        assert_eq!(half.and(Extensions::INTEREST), half);
    }
}
