//! Fingerprints: what two peers compare to see that they were built from the same contracts and messages.
//!
//! A [`Schema`] is all that a node knows; its [`Fingerprint`] is a short hash per contract, field and message, small
//! enough to travel in the shared parameter `mn`. [`Fingerprint::compare`] turns two of them into a [`Mismatch`] that
//! people can read.
//!
//! Hashed is what both sides must agree on to talk: names, roles' numbers, the order of fields, who may call and who
//! receives, shapes, bounds and what may be left out. Not hashed is what one side decides alone (what is kept of calls,
//! who may create an object, what becomes of it, the values of defaults) and what is not on the wire (the names of
//! parameters, of structs and of their members). Two shapes that have the same bytes are the same: a struct without
//! defaults is a tuple.
//!
//! **Invariant:** a hash depends on nothing but the descriptions: not on the build, the platform or their addresses.

mod compare;
mod hash;

use super::{FieldDescriptor, MessageDescriptor, ObjectDescriptor, RoleDescriptor};
use crate::wire::{DecodeError, Expected, Extensions, Found, MessageId, Reader, Writer};

pub use compare::Mismatch;

/// All contracts and messages that a node knows.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Sorted by name: the place is the type's number on the wire.
    pub contracts: Vec<&'static ObjectDescriptor>,
    /// Sorted by id.
    pub messages: Vec<&'static MessageDescriptor>,
    /// The names of objects that are known by the manifests of others alone, sorted. They are numbered with the
    /// contracts.
    pub foreign: Vec<String>,
}

impl Schema {
    /// Sorts what a node knows.
    ///
    /// Names compare by their bytes, which orders them as Python orders text. That no name and no id is there twice
    /// is for those to see who registered them.
    pub fn new(
        mut contracts: Vec<&'static ObjectDescriptor>,
        mut messages: Vec<&'static MessageDescriptor>,
    ) -> Self {
        contracts.sort_by_key(|contract| contract.name);
        messages.sort_by_key(|message| message.id);
        Self { contracts, messages, foreign: Vec::new() }
    }

    /// The short hashes of all of it.
    pub fn fingerprint(&self) -> Fingerprint {
        let foreign = self.foreign.iter().map(|name| ContractPrint::of_name(name));
        let mut contracts: Vec<_> =
            self.contracts.iter().map(|it| ContractPrint::of(it)).chain(foreign).collect();
        contracts.sort_by(|a, b| a.name.cmp(&b.name));
        Fingerprint {
            contracts,
            messages: self.messages.iter().map(|it| MessagePrint::of(it)).collect(),
            extensions: Extensions::NONE,
        }
    }
}

/// Short hashes of a schema.
///
/// On the wire it is one msgpack `bin`, whose inside is msgpack again:
///
/// ```text
/// [1, [[name, hash, [[role number, role name, bin of 4 bytes per field], ...]], ...], [[id, name, hash], ...],
///  extensions]
/// ```
///
/// Contracts come sorted by name, messages by id. A contract of which only the name is known has the hash 0 and no
/// roles. [`Extensions`] are the bits of the extension messages that its sender knows, not there if it knows none; they
/// are no part of the comparison. Any of the arrays but the lists may grow at its end: a reader passes
/// over what it does not know. The first number changes when that is not enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    contracts: Vec<ContractPrint>,
    messages: Vec<MessagePrint>,
    extensions: Extensions,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ContractPrint {
    name: String,
    hash: u64,
    /// Empty where the whole would have been too long with them.
    roles: Vec<RolePrint>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct RolePrint {
    number: u8,
    name: String,
    fields: Vec<FieldPrint>,
}

/// One field. The name is known of our own alone and does not travel: the hash covers it.
#[derive(Clone, Debug)]
struct FieldPrint {
    name: Option<&'static str>,
    hash: u32,
}

impl PartialEq for FieldPrint {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for FieldPrint {}

#[derive(Clone, Debug, PartialEq, Eq)]
struct MessagePrint {
    id: MessageId,
    name: String,
    hash: u64,
}

impl Fingerprint {
    /// The same of a peer that knows these extension messages.
    #[must_use]
    pub fn with_extensions(self, extensions: Extensions) -> Self {
        Self { extensions, ..self }
    }

    /// The extension messages that its sender knows.
    pub fn extensions(&self) -> Extensions {
        self.extensions
    }

    /// Appends the fingerprint to `out`, as one msgpack value.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut inside = self.inside(true);
        if inside.len() > MAX_WITH_FIELDS {
            inside = self.inside(false);
        }
        Writer::new(out).bytes(&inside);
    }

    /// Reads what a peer sent as one msgpack value.
    ///
    /// # Errors
    ///
    /// When it is no fingerprint, or one of a version that this build does not know.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut outside = Reader::new(value);
        let mut inside = Reader::new(outside.bytes(usize::MAX)?);
        if !outside.is_empty() {
            return Err(DecodeError::new(Expected::AtMost(1), Found::Values(2)));
        }
        members(&mut inside, 3, |r, more| {
            r.integer(VERSION.into(), VERSION.into()).map_err(|e| e.within("version"))?;
            let contracts =
                list(r, MAX_CONTRACTS, ContractPrint::decode).map_err(|e| e.within("contracts"))?;
            let messages = list(r, usize::MAX, MessagePrint::decode).map_err(|e| e.within("messages"))?;
            if !contracts.is_sorted_by(|a, b| a.name < b.name) {
                return Err(unsorted("contracts", contracts.len()));
            }
            if !messages.is_sorted_by(|a, b| a.id < b.id) {
                return Err(unsorted("messages", messages.len()));
            }
            let extensions = match more.checked_sub(1) {
                Some(left) => {
                    *more = left;
                    Extensions::from_bits(unsigned(r).map_err(|e| e.within("extensions"))?)
                }
                None => Extensions::NONE,
            };
            Ok(Self { contracts, messages, extensions })
        })
    }

    fn inside(&self, with_fields: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let w = &mut Writer::new(&mut bytes);
        let has_extensions = self.extensions != Extensions::NONE;
        w.array(3 + usize::from(has_extensions));
        w.unsigned(VERSION);
        w.array(self.contracts.len());
        for contract in &self.contracts {
            contract.encode(w, with_fields);
        }
        w.array(self.messages.len());
        for message in &self.messages {
            message.encode(w);
        }
        if has_extensions {
            w.unsigned(self.extensions.bits());
        }
        bytes
    }
}

impl ContractPrint {
    fn of(contract: &ObjectDescriptor) -> Self {
        let mut roles: Vec<&RoleDescriptor> = contract.roles.iter().collect();
        roles.sort_by_key(|role| (role.number, role.role));
        Self {
            name: contract.name.to_owned(),
            hash: hash::contract(contract.name, &roles),
            roles: roles.into_iter().map(RolePrint::of).collect(),
        }
    }

    /// One that is known by name alone, and goes with all others of that name.
    fn of_name(name: &str) -> Self {
        Self { name: name.to_owned(), hash: UNKNOWN, roles: Vec::new() }
    }

    fn is_name(&self) -> bool {
        self.hash == UNKNOWN && self.roles.is_empty()
    }

    fn encode(&self, w: &mut Writer<'_>, with_fields: bool) {
        w.array(3);
        w.text(&self.name);
        w.unsigned(self.hash);
        let roles = if with_fields { &self.roles[..] } else { &[] };
        w.array(roles.len());
        for role in roles {
            role.encode(w);
        }
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        members(r, 3, |r, _| {
            Ok(Self {
                name: name(r)?,
                hash: hash(r)?,
                roles: list(r, MAX_ROLES, RolePrint::decode).map_err(|e| e.within("roles"))?,
            })
        })
    }
}

impl RolePrint {
    fn of(role: &RoleDescriptor) -> Self {
        let field = |field: &FieldDescriptor| FieldPrint {
            name: Some(field.name),
            hash: hash::folded(hash::field(field)),
        };
        Self {
            number: role.number,
            name: role.role.name().to_owned(),
            fields: role.fields.iter().map(field).collect(),
        }
    }

    fn encode(&self, w: &mut Writer<'_>) {
        let hashes: Vec<u8> = self.fields.iter().flat_map(|it| it.hash.to_be_bytes()).collect();
        w.array(3);
        w.unsigned(self.number.into());
        w.text(&self.name);
        w.bytes(&hashes);
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        members(r, 3, |r, _| {
            let number = r.integer(0, u8::MAX.into()).map_err(|e| e.within("number"))?;
            let name = name(r)?;
            let hashes = r.bytes(4 * MAX_FIELDS).map_err(|e| e.within("fields"))?;
            // A piece of a hash at the end is no hash of ours either way: then the contract's own hash differs.
            let (hashes, _) = hashes.as_chunks::<4>();
            let field = |hash: &[u8; 4]| FieldPrint { name: None, hash: u32::from_be_bytes(*hash) };
            Ok(Self {
                number: u8::try_from(number).expect("the bounds are those of u8"),
                name,
                fields: hashes.iter().map(field).collect(),
            })
        })
    }
}

impl MessagePrint {
    fn of(message: &MessageDescriptor) -> Self {
        Self {
            id: message.id,
            name: message.name.chars().take(MAX_NAME).collect(),
            hash: hash::message(message),
        }
    }

    fn encode(&self, w: &mut Writer<'_>) {
        w.array(3);
        w.unsigned(self.id.0);
        w.text(&self.name);
        w.unsigned(self.hash);
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        members(r, 3, |r, _| {
            Ok(Self {
                id: MessageId(unsigned(r).map_err(|e| e.within("id"))?),
                name: name(r)?,
                hash: hash(r)?,
            })
        })
    }
}

/// Reads an array of `known` members or more. `read` is told how many more there are, and counts down those that it
/// takes; the rest is passed over.
fn members<'a, T>(
    r: &mut Reader<'a>,
    known: usize,
    read: impl FnOnce(&mut Reader<'a>, &mut usize) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let before = r.clone();
    let len = r.array(usize::MAX)?;
    if len < known {
        return Err(before.refuse(Expected::ArrayOf(known)));
    }
    let mut more = len - known;
    let value = read(r, &mut more)?;
    for _ in 0..more {
        r.raw_value(usize::MAX)?;
    }
    Ok(value)
}

fn list<'a, T>(
    r: &mut Reader<'a>,
    max: usize,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let len = r.array(max)?;
    // Not reserved: the claim of a length costs its sender nothing.
    let mut values = Vec::new();
    for index in 0..len {
        values.push(read(r).map_err(|error| error.at(index))?);
    }
    Ok(values)
}

fn name(r: &mut Reader<'_>) -> Result<String, DecodeError> {
    let name = r.text(MAX_NAME).map_err(|error| error.within("name"))?;
    Ok(name.to_owned())
}

fn hash(r: &mut Reader<'_>) -> Result<u64, DecodeError> {
    unsigned(r).map_err(|error| error.within("hash"))
}

fn unsigned(r: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let value = r.integer(0, u64::MAX.into())?;
    Ok(u64::try_from(value).expect("the bounds are those of u64"))
}

fn unsorted(what: &'static str, len: usize) -> DecodeError {
    DecodeError::new(Expected::Ascending, Found::Array { len }).within(what)
}

/// Of the layout that [`Fingerprint`] describes.
const VERSION: u64 = 1;

/// The hash of what is known by name alone.
const UNKNOWN: u64 = 0;

/// Half a frame: what a fingerprint may take before it leaves the hashes of fields out, so that the handshake that it
/// travels in stays within one. 100 contracts of 20 fields each take a third of it.
const MAX_WITH_FIELDS: usize = 32 * 1024 - 16;

/// What a type's number can say.
const MAX_CONTRACTS: usize = 1 << 16;

/// What a role's number can say.
const MAX_ROLES: usize = 1 << 8;

/// What a field's number can say.
const MAX_FIELDS: usize = 1 << 8;

/// Contracts' names have at most 64 characters; those of types may be longer.
const MAX_NAME: usize = 256;

#[cfg(test)]
mod tests;
