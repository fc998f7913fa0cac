//! The canonical hash of a description: FNV-1a of 64 bits over its parts, numbers in one width, texts with their
//! length.
//!
//! It tells honest mistakes apart; it is no defence against a peer that wants to look like another.

use crate::schema::{
    Caller, FieldDescriptor, FieldKind, MessageDescriptor, Parameter, Presence, Receiver, RoleDescriptor,
    Sender,
};
use crate::wire::{Member, Shape};

/// The hash of a contract with its tables, in the order of their numbers.
pub(super) fn contract(name: &str, roles: &[&RoleDescriptor]) -> u64 {
    let mut hash = Fnv::new();
    hash.text(name);
    hash.len(roles.len());
    for role in roles {
        hash.number(role.number);
        hash.text(role.role.name());
        hash.len(role.fields.len());
        for entry in role.fields {
            hash.number(field(entry));
        }
    }
    hash.0
}

/// The hash of one entry of a table.
pub(super) fn field(field: &FieldDescriptor) -> u64 {
    let mut hash = Fnv::new();
    hash.text(field.name);
    match field.kind {
        FieldKind::Property { always, to, init, .. } => {
            hash.numbers(&[0, u8::from(always) + 2 * receiver(to) + 8 * u8::from(init)]);
        }
        FieldKind::CallToClients { to } => hash.numbers(&[1, receiver(to)]),
        FieldKind::CallToServer { from } => hash.numbers(&[
            2,
            match from {
                Caller::Owner => 0,
                Caller::Anyone => 1,
                Caller::Server => 2,
                // Whom it accepts is the server's to know.
                Caller::Accepted { .. } => 3,
            },
        ]),
    }
    hash.parameters(field.parameters);
    hash.0
}

fn receiver(to: Receiver) -> u8 {
    match to {
        Receiver::Viewers => 0,
        Receiver::Owner => 1,
        Receiver::Server => 2,
    }
}

/// The hash of a message.
pub(super) fn message(message: &MessageDescriptor) -> u64 {
    let mut hash = Fnv::new();
    hash.number(message.id.0);
    hash.text(message.name);
    match message.from {
        Sender::CLIENT => hash.number(0),
        Sender::SERVER => hash.number(1),
        Sender::Anyone => hash.number(2),
        Sender::Roles(roles) => {
            hash.number(3);
            hash.len(roles.len());
            roles.iter().for_each(|role| hash.text(role.name()));
        }
    }
    hash.number(u8::from(message.before_handshake));
    hash.parameters(message.parameters);
    hash.0
}

/// A hash in half the bits, where it only says which of a few things differs.
pub(super) fn folded(hash: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "the upper half is in it")]
    let folded = (hash ^ (hash >> 32)) as u32;
    folded
}

struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Every number takes 16 bytes: bounds of integers have more than 64 bits.
    fn number(&mut self, number: impl Into<i128>) {
        self.bytes(&number.into().to_le_bytes());
    }

    fn numbers(&mut self, numbers: &[u8]) {
        for number in numbers {
            self.number(*number);
        }
    }

    fn len(&mut self, len: usize) {
        self.number(u64::try_from(len).expect("usize has at most 64 bits"));
    }

    fn text(&mut self, text: &str) {
        self.len(text.len());
        self.bytes(text.as_bytes());
    }

    fn parameters(&mut self, parameters: &[Parameter]) {
        self.len(parameters.len());
        for parameter in parameters {
            match parameter.presence {
                Presence::Required => self.number(0),
                Presence::Default(_) => self.number(1),
                Presence::Rest { max } => {
                    self.number(2);
                    self.len(max);
                }
            }
            self.shape(parameter.shape);
        }
    }

    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Integer { min, max } => {
                self.number(0);
                self.number(*min);
                self.number(*max);
            }
            Shape::Float { bits } => self.numbers(&[1, *bits]),
            Shape::Bool => self.number(2),
            Shape::Text { max } => self.bounded(3, *max),
            Shape::Bytes { max } => self.bounded(4, *max),
            Shape::List { of, max } => {
                self.bounded(5, *max);
                self.shape(of);
            }
            Shape::Tuple(members) => {
                self.bounded(6, members.len());
                for member in *members {
                    self.number(0);
                    self.shape(member);
                }
            }
            // Without defaults, the same bytes as a tuple: so the same number.
            Shape::Struct { members, .. } => {
                self.bounded(6, members.len());
                self.members(members);
            }
            Shape::Option(shape) => {
                self.number(7);
                self.shape(shape);
            }
            Shape::Any { max } => self.bounded(8, *max),
            Shape::Map { key, value, max } => {
                self.bounded(10, *max);
                self.shape(key);
                self.shape(value);
            }
            // With the names: variants in another order have the same bytes and another meaning.
            Shape::Enum { variants, .. } => {
                self.bounded(9, variants.len());
                for variant in *variants {
                    self.text(variant.name);
                    self.len(variant.members.len());
                    self.members(variant.members);
                }
            }
        }
    }

    fn members(&mut self, members: &[Member]) {
        for member in members {
            self.number(u8::from(member.has_default));
            self.shape(member.shape);
        }
    }

    fn bounded(&mut self, tag: u8, max: usize) {
        self.number(tag);
        self.len(max);
    }
}
