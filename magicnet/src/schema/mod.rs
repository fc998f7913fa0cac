//! What objects and messages look like, as data: field tables, fingerprints, manifests.
//!
//! The macros write these descriptions as constants; nothing here runs a handler or keeps an object. Start with
//! [`ObjectDescriptor`].

mod argument;
mod fingerprint;
mod manifest;
mod message;

use std::fmt;

#[doc(hidden)]
pub use argument::{Argument, CheckedArgument, DefaultArgument, Rest, RestArgument, rest_len};
pub use fingerprint::{Fingerprint, Mismatch, Schema};
pub(crate) use manifest::differences;
pub use manifest::{Difference, Manifest, ManifestError};
#[doc(hidden)]
pub use manifest::{NEVER, fits, parameter};
#[doc(hidden)]
pub use message::Allow;
pub use message::{DecodeMessage, Message, MessageDescriptor, Sender};

use crate::rate::Rate;
use crate::wire::{Shape, Writer};

/// A node's part in the network, by name.
///
/// Roles are no word of the protocol: each side decides, per endpoint, what it is there and what the other side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Role(&'static str);

impl Role {
    /// The role of those who connect.
    pub const CLIENT: Self = Self("client");
    /// The role of the one they connect to.
    pub const SERVER: Self = Self("server");
    /// The role of views that are the same on every node. It is no node's role, but a table's.
    pub const BOTH: Self = Self("both");

    /// A role of the application's own: `const ADMIN: Role = Role::new("admin");` is the one that messages name by
    /// `from = admin`.
    ///
    /// # Panics
    ///
    /// If the name is empty or has more than 64 bytes, or is `anyone`, which stands for all roles. In a constant that
    /// is an error of the compiler's.
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty(), "a role has a name");
        assert!(name.len() <= 64, "the name of a role has at most 64 bytes");
        assert!(!matches!(name.as_bytes(), b"anyone"), "`anyone` stands for all roles");
        Self(name)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// The same as `==`, which does not look at the name if both are at one address.
    #[inline]
    pub(crate) fn is(self, other: Self) -> bool {
        std::ptr::eq(self.0, other.0) || self == other
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A place in the source, for errors that name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub file: &'static str,
    /// The line in it.
    pub line: u32,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A contract: what all roles know of one kind of object.
#[derive(Debug)]
pub struct ObjectDescriptor {
    /// The name that all peers sort by to number their types.
    pub name: &'static str,
    /// Who may create such an object.
    pub create: Creator,
    /// What becomes of it when its owner's connection ends.
    pub on_owner_left: OwnerLeft,
    /// For each property of the state its field in the client's table; `None` for those that no peer gets.
    pub properties: &'static [Option<u8>],
    /// The tables of the roles, by their number on the wire.
    pub roles: &'static [RoleDescriptor],
    /// Where it is declared.
    pub source: Source,
}

/// One role's table of fields.
#[derive(Debug)]
pub struct RoleDescriptor {
    /// Whose table it is.
    pub role: Role,
    /// The role's number on the wire.
    pub number: u8,
    /// The fields; a field's place is its number on the wire.
    pub fields: &'static [FieldDescriptor],
}

/// One entry of a table.
#[derive(Clone, Copy, Debug)]
pub struct FieldDescriptor {
    /// The name that manifests and Python peers use.
    pub name: &'static str,
    /// A replicated property, or a call.
    pub kind: FieldKind,
    /// Whether those who come later get it too.
    pub persist: Persist,
    /// How a call travels; a property is reliable.
    pub via: Via,
    /// How often one client may make the call: `rate = ...`.
    pub rate: Option<Rate>,
    /// Its parameters; a property has one, or one for each value of a tuple that is spread.
    pub parameters: &'static [Parameter],
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// Replicated state: kept, compared, in every snapshot.
    Property {
        /// Its place in the state.
        property: u8,
        /// Who gets it.
        to: Receiver,
        /// Sent whenever the state was touched, changed or not.
        always: bool,
        /// Whether a creation by a peer may carry it: `init = creator`.
        init: bool,
    },
    /// A call that a client's view answers.
    CallToClients {
        /// Which clients receive it.
        to: Receiver,
    },
    /// A call that the server's view answers.
    CallToServer {
        /// Who may make it.
        from: Caller,
    },
    /// A call of a contract whose view is the same on every node: clients make it to the server, and the server to
    /// clients.
    CallToBoth {
        /// Who may make it to the server.
        from: Caller,
        /// Which clients receive it from the server.
        to: Receiver,
    },
}

/// What is kept of a field for those who come later: `persist = ...`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Persist {
    /// Nothing: who was not there has missed it.
    None,
    /// The last value, for as long as the object lives.
    Ram,
}

/// How a call or a message travels: `via = ...`. Where the connection is a stream, all that is sent arrives in order,
/// whatever this says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Via {
    /// It arrives, and in its place among all that is reliable.
    #[default]
    Reliable,
    /// It may be lost, and it may arrive before or after others: nothing waits for it.
    Unreliable,
    /// It may be lost, and it is dropped if a later one of its kind has arrived: the same call of the same object, or
    /// the same message.
    Sequenced,
}

/// Who may make a call: `from = ...`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Caller {
    /// The object's owner alone.
    Owner,
    /// Everyone who sees the object.
    Anyone,
    /// Nodes with authority, never a client.
    Server,
    /// Whom a function of the application's accepts.
    Accepted {
        /// The path of the function, as it is written.
        by: &'static str,
    },
}

/// Who receives a property or a call: `to = ...`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Receiver {
    /// Everyone who sees the object.
    Viewers,
    /// The object's owner alone.
    Owner,
    /// Nodes of the role server that see the object.
    Server,
}

/// Who may create an object: `create = ...`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Creator {
    /// Nodes with authority alone.
    Server,
    /// Every handshaken peer.
    Anyone,
    /// Whom a function of the application's accepts.
    Accepted {
        /// The path of the function, as it is written.
        by: &'static str,
    },
}

/// What becomes of an object whose owner left: `on_owner_left = ...`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnerLeft {
    /// It is destroyed.
    Destroy,
    /// It stays, owned by a repository that nobody has.
    Keep,
}

/// One parameter of a field or a message.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// The shape of its values; of each one, for a rest.
    pub shape: &'static Shape,
    /// Whether it must be there.
    pub presence: Presence,
}

/// Whether a parameter must be there.
#[derive(Clone, Copy, Debug)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be left out, with all after it; the function writes the default.
    Default(fn(&mut Writer<'_>)),
    /// It is the tail: any number of values up to `max`.
    Rest {
        /// The most values.
        max: usize,
    },
}

impl FieldDescriptor {
    /// What a table is made of before its fields are in it.
    pub(crate) const NONE: Self = Self {
        name: "",
        kind: FieldKind::CallToClients { to: Receiver::Viewers },
        persist: Persist::None,
        via: Via::Reliable,
        rate: None,
        parameters: &[],
    };
}

impl RoleDescriptor {
    /// Whether nodes of `role` answer by this table.
    pub fn is_for(&self, role: Role) -> bool {
        self.role.is(role) || self.role == Role::BOTH
    }
}

impl ObjectDescriptor {
    /// The field of a property, unless no peer gets it: its role and number on the wire, and what it is.
    pub(crate) fn property(&self, property: usize) -> Option<(u8, u8, &'static FieldDescriptor)> {
        let table = self.role(Role::CLIENT)?;
        let (number, field) = self.property_in(table, property)?;
        Some((table.number, number, field))
    }

    /// The same for those who have the client's table already.
    #[inline]
    pub(crate) fn property_in(
        &self,
        table: &'static RoleDescriptor,
        property: usize,
    ) -> Option<(u8, &'static FieldDescriptor)> {
        let field = (*self.properties.get(property)?)?;
        Some((field, table.fields.get(usize::from(field))?))
    }

    /// The table of `role`, which may be that of [`Role::BOTH`].
    pub fn role(&self, role: Role) -> Option<&'static RoleDescriptor> {
        self.roles.iter().find(|entry| entry.is_for(role))
    }

    /// The field at a place of the wire.
    pub fn field(
        &self,
        role_number: u8,
        field: u8,
    ) -> Option<(&'static RoleDescriptor, &'static FieldDescriptor)> {
        let role = self.roles.iter().find(|entry| entry.number == role_number)?;
        Some((role, role.fields.get(usize::from(field))?))
    }
}
