//! Groups: connections that are alike to a world, so that an audience may leave some of them out.
//!
//! Each connection belongs to one group from its admission on, and a world has few of them: one for each kind of peer.
//! A set of groups is a number, so who receives stays data, whatever a world's rules are.

use super::Audience;
use crate::schema::Via;

/// The group of a connection: what kind of peer is at its other end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Group(u8);

impl Group {
    /// How many groups there may be.
    pub const MAX: usize = 64;

    /// The group of this number; none from [`MAX`](Self::MAX) on.
    pub fn new(number: usize) -> Option<Self> {
        u8::try_from(number).ok().filter(|_| number < Self::MAX).map(Self)
    }

    /// Its number.
    pub fn number(self) -> usize {
        self.0.into()
    }
}

/// A set of groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Groups(u64);

impl Groups {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// All of them, those that come later included.
    pub const ALL: Self = Self(u64::MAX);

    /// Whether `group` is one of them.
    pub fn contains(self, group: Group) -> bool {
        self.0 >> group.0 & 1 == 1
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Adds one.
    pub fn insert(&mut self, group: Group) {
        self.0 |= 1 << group.0;
    }
}

impl FromIterator<Group> for Groups {
    fn from_iter<I: IntoIterator<Item = Group>>(groups: I) -> Self {
        let mut set = Self::NONE;
        groups.into_iter().for_each(|group| set.insert(group));
        set
    }
}

/// An audience, which groups of it are meant, and how what they receive travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Recipients {
    /// Who receives it,
    pub audience: Audience,
    /// if in one of these groups. One connection that is addressed by its name receives it whatever its group is.
    pub groups: Groups,
    /// Whether it may be lost on the way, where the way allows that.
    pub via: Via,
}

impl Recipients {
    /// The same, reached in another way.
    #[must_use]
    pub fn via(self, via: Via) -> Self {
        Self { via, ..self }
    }
}

impl From<Audience> for Recipients {
    fn from(audience: Audience) -> Self {
        Self { audience, groups: Groups::ALL, via: Via::Reliable }
    }
}

impl Audience {
    /// Those of them who are in `groups`.
    pub fn within(self, groups: Groups) -> Recipients {
        Recipients { audience: self, groups, via: Via::Reliable }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let group = |number| Group::new(number).unwrap();
        let set: Groups = [group(0), group(63)].into_iter().collect();
        assert!(set.contains(group(0)) && set.contains(group(63)) && !set.contains(group(1)));
        assert_eq!(set.and(Groups::ALL), set);
        assert!(set.and([group(1)].into_iter().collect()).is_empty());
        assert_eq!(Group::new(Group::MAX), None);
    }
}
