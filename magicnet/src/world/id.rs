//! Names of objects, and of those who own them.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// The number in an object id's upper half: who made the object, or owns it.
///
/// 1 to 127 are configured by hand, the server hands out the rest, one to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Repository(pub u32);

impl Repository {
    /// The first that a server hands out to a connection (PROTOCOL "Handshake").
    pub const FIRST_OF_CONNECTIONS: Self = Self(128);
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "repository {}", self.0)
    }
}

/// The name of an object: the repository that made it, and its number there.
///
/// Servers number their objects without knowing of each other, so a name is good for what one of them shows. A node
/// that deals with several keeps their objects apart: its names say which of them is meant. See
/// [`NodeCx::server_of`](crate::NodeCx::server_of).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    authority: Authority,
    number: u64,
}

/// Whose numbers are meant, on this node. The only authority that a node deals with, which may be itself, is 0, so that
/// names of objects mean the same on all nodes that see one server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Authority(pub(super) u32);

impl ObjectId {
    /// The object that `repository` numbered `local`.
    pub const fn new(repository: Repository, local: u32) -> Self {
        Self::from_u64((repository.0 as u64) << 32 | local as u64)
    }

    /// The object that the wire calls `id`: this is how a call names another object than its own, as a `u64` that
    /// [`NodeCx::find`](crate::NodeCx::find) looks up. Among several servers it is a name of the first one's.
    pub const fn from_u64(id: u64) -> Self {
        Self { authority: Authority(0), number: id }
    }

    /// The number on the wire.
    pub const fn to_u64(self) -> u64 {
        self.number
    }

    /// The object that `authority` calls so.
    pub(crate) const fn of(self, authority: Authority) -> Self {
        Self { authority, number: self.number }
    }

    /// Who has authority over it.
    pub(crate) const fn authority(self) -> Authority {
        self.authority
    }

    /// Who made it.
    pub const fn repository(self) -> Repository {
        Repository((self.number >> 32) as u32)
    }

    /// Its number there.
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
    pub const fn local(self) -> u32 {
        self.number as u32
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({}:{}{})", self.repository().0, self.local(), self.authority)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "object {}:{}{}", self.repository().0, self.local(), self.authority)
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, "@{}", self.0) }
    }
}

/// An object whose contract is known: a name to keep and to pass around, not the object itself.
pub struct Object<C> {
    id: ObjectId,
    contract: PhantomData<fn() -> C>,
}

impl<C> Object<C> {
    pub(crate) fn new(id: ObjectId) -> Self {
        Self { id, contract: PhantomData }
    }

    /// Its name without the contract.
    pub fn id(self) -> ObjectId {
        self.id
    }
}

impl<C> Clone for Object<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Object<C> {}

impl<C> PartialEq for Object<C> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<C> Eq for Object<C> {}

impl<C> Hash for Object<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl<C> PartialOrd for Object<C> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<C> Ord for Object<C> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.id.cmp(&other.id)
    }
}

impl<C> fmt::Debug for Object<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({}:{}{})", self.id.repository().0, self.id.local(), self.id.authority)
    }
}

impl<C> fmt::Display for Object<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}
