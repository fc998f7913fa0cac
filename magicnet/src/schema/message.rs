//! Messages of applications: typed items with an id of 64 and above.

use std::any::Any;

use super::{Parameter, Role, Source, Via};
use crate::rate::Rate;
use crate::wire::{Arguments, DecodeError, MessageId, Writer};

/// What all roles know of one message.
#[derive(Debug)]
pub struct MessageDescriptor {
    /// Its number on the wire.
    pub id: MessageId,
    /// The name of its type in Rust.
    pub name: &'static str,
    /// Who may send it.
    pub from: Sender,
    /// Whether it may come before the handshake is finished.
    pub before_handshake: bool,
    /// How it travels.
    pub via: Via,
    /// How often one peer may send it: `rate = ...`.
    pub rate: Option<Rate>,
    /// Its parameters, in the order of the wire.
    pub parameters: &'static [Parameter],
    /// Where it is declared.
    pub source: Source,
}

/// Who may send a message: `from = ...`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sender {
    /// Nodes of these roles.
    Roles(&'static [Role]),
    /// Every node.
    Anyone,
}

impl Sender {
    /// Nodes whose role is client.
    pub const CLIENT: Self = Self::Roles(&[Role::CLIENT]);
    /// Nodes whose role is server.
    pub const SERVER: Self = Self::Roles(&[Role::SERVER]);

    /// Whether a node may send it where its role is `role`.
    pub fn allows(self, role: Role) -> bool {
        match self {
            Self::Anyone => true,
            Self::Roles(roles) => roles.iter().any(|allowed| allowed.is(role)),
        }
    }
}

/// A function of the application's that says who may send a message.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Allow {
    /// Its path, as it is written.
    pub by: &'static str,
    /// Whether it accepts a connection, whose type is known above this layer.
    pub accepts: fn(&dyn Any) -> bool,
}

/// A message of an application's. `#[message]` on a struct implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "not a message",
    note = "add `#[message(id = 64, from = client)]` to the struct"
)]
pub trait Message {
    /// What peers know of it.
    const MESSAGE: &'static MessageDescriptor;

    /// The function that accepts its senders: `allow = path`.
    #[doc(hidden)]
    const ALLOW: Option<Allow> = None;

    /// Writes the array of its parameters.
    fn encode(&self, w: &mut Writer<'_>);
}

/// A message that can be read from bytes that live for `'de`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "not a message",
    note = "add `#[message(id = 64, from = client)]` to the struct"
)]
pub trait DecodeMessage<'de>: Message + Sized {
    /// Reads the parameters.
    ///
    /// # Errors
    ///
    /// When they are not of the declared types.
    fn decode(params: &mut Arguments<'de>) -> Result<Self, DecodeError>;
}
