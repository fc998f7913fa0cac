//! What a node knows: contracts, its views of them, messages and their handlers.
//!
//! An explicit list underneath, sorted by name; what `inventory` discovers is one way to fill it. The same list gives
//! the same numbers on every run.

use super::contract::{Contract, View, ViewEntry};
use super::cx::{Disconnect, MessageCx};
use crate::hash::HashMap;
use crate::schema::{
    DecodeMessage, Message, MessageDescriptor, ObjectDescriptor, Role, Schema, Sender, Source,
};
use crate::wire::{Arguments, DecodeError, MessageId};

/// A contract that a crate declares.
#[derive(Clone, Copy, Debug)]
pub struct ContractEntry(pub(crate) &'static ObjectDescriptor);

/// A message that a crate declares.
#[derive(Clone, Copy, Debug)]
pub struct MessageEntry(pub &'static MessageDescriptor);

/// A handler that a crate declares.
#[derive(Clone, Copy, Debug)]
pub struct HandlerRef(pub &'static HandlerEntry);

inventory::collect!(ContractEntry);
inventory::collect!(ViewEntry);
inventory::collect!(MessageEntry);
inventory::collect!(HandlerRef);

impl ContractEntry {
    /// The entry of `C`.
    pub const fn of<C: Contract>() -> Self {
        Self(C::OBJECT)
    }
}

/// A handler of messages. `#[message_handler]` on a function makes a type of the function's name that implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message handler",
    label = "not a message handler",
    note = "add `#[message_handler]` to the function"
)]
pub trait MessageHandler {
    #[doc(hidden)]
    const HANDLER: HandlerEntry;
}

/// What the entry of a handler is made of. A private type of generated code implements it, so that the message may be
/// private too.
#[doc(hidden)]
pub trait Handle: Sized + 'static {
    /// What it handles; it may borrow from the message's bytes.
    type Message<'de>: DecodeMessage<'de>;
    /// The function's name.
    const NAME: &'static str;
    /// The only role whose nodes use it, if it says so.
    const ROLE: Option<Role>;
    /// Where it is.
    const SOURCE: Source;

    /// Calls the function.
    fn handle(cx: &mut MessageCx<'_>, message: Self::Message<'_>) -> Result<(), Disconnect>;
}

impl HandlerEntry {
    /// The entry of `H`.
    pub const fn of<H: Handle>() -> Self {
        Self {
            message: <H::Message<'static> as Message>::MESSAGE,
            name: H::NAME,
            role: H::ROLE,
            call: |cx, params| {
                let message = H::Message::decode(params).map_err(HandlerError::Arguments)?;
                H::handle(cx, message).map_err(HandlerError::Disconnect)
            },
            source: H::SOURCE,
        }
    }
}

/// How a message is decoded and handled.
#[derive(Debug)]
pub struct HandlerEntry {
    /// What it handles.
    pub message: &'static MessageDescriptor,
    /// The function's name.
    pub name: &'static str,
    /// The only role whose nodes use it, if it says so.
    pub role: Option<Role>,
    /// Decodes the parameters and calls the function.
    pub call: fn(&mut MessageCx<'_>, &mut Arguments<'_>) -> Result<(), HandlerError>,
    /// Where it is.
    pub source: Source,
}

/// Why a message was not handled.
#[derive(Debug)]
pub enum HandlerError {
    /// Its parameters are not of the declared types.
    Arguments(DecodeError),
    /// The handler ends the sender's connection.
    Disconnect(Disconnect),
}

/// What a message handler may return.
#[diagnostic::on_unimplemented(
    message = "a message handler cannot return `{Self}`",
    label = "must be `()` or `Result<(), Disconnect>`"
)]
pub trait HandlerOutcome {
    /// The same as a result.
    fn into_result(self) -> Result<(), Disconnect>;
}

impl HandlerOutcome for () {
    fn into_result(self) -> Result<(), Disconnect> {
        Ok(())
    }
}

impl HandlerOutcome for Result<(), Disconnect> {
    fn into_result(self) -> Self {
        self
    }
}

/// What was registered by hand; empty means: discover.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registrations {
    pub(crate) contracts: Vec<&'static ObjectDescriptor>,
    pub(crate) views: Vec<ViewEntry>,
    pub(crate) messages: Vec<&'static MessageDescriptor>,
    pub(crate) handlers: Vec<&'static HandlerEntry>,
}

impl Registrations {
    pub(crate) fn view<V: View>(&mut self) {
        let entry = ViewEntry::of::<V>();
        self.contracts.push(entry.object);
        self.views.push(entry);
    }

    pub(crate) fn handler(&mut self, handler: &'static HandlerEntry) {
        self.messages.push(handler.message);
        self.handlers.push(handler);
    }

    fn is_empty(&self) -> bool {
        let Self { contracts, views, messages, handlers } = self;
        contracts.is_empty() && views.is_empty() && messages.is_empty() && handlers.is_empty()
    }

    /// Everything that the crates of this program declare.
    fn discover() -> Self {
        let mut found = Self::default();
        found.contracts.extend(inventory::iter::<ContractEntry>().map(|entry| entry.0));
        found.messages.extend(inventory::iter::<MessageEntry>().map(|entry| entry.0));
        for handler in inventory::iter::<HandlerRef>() {
            found.handler(handler.0);
        }
        for view in inventory::iter::<ViewEntry>() {
            found.contracts.push(view.object);
            found.views.push(*view);
        }
        found
    }
}

/// Something about what was registered that cannot work, or most likely is not meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryProblem {
    /// Two contracts have one name.
    #[error("two contracts are named `{name}`: at {first} and at {second}")]
    DuplicateContract {
        /// The name.
        name: &'static str,
        /// One of them.
        first: Source,
        /// The other.
        second: Source,
    },
    /// Two views implement one role of one contract.
    #[error("two views of `{name}` for the role {role}: at {first} and at {second}")]
    DuplicateView {
        /// The contract.
        name: &'static str,
        /// The role.
        role: Role,
        /// One of them.
        first: Source,
        /// The other.
        second: Source,
    },
    /// Two messages have one id.
    #[error("two messages have the id {}: at {first} and at {second}", id.0)]
    DuplicateMessage {
        /// The id.
        id: MessageId,
        /// One of them.
        first: Source,
        /// The other.
        second: Source,
    },
    /// Two handlers take one message on the same node.
    #[error("two handlers of {id}: at {first} and at {second}")]
    DuplicateHandler {
        /// The message.
        id: MessageId,
        /// One of them.
        first: Source,
        /// The other.
        second: Source,
    },
    /// A contract is known, but this node has no view of it. It can number the type, and nothing else.
    #[error(
        "no view of `{name}` (declared at {contract}) for the role {role}: write one, or if a crate holds it that \
         nothing refers to, link it by `use that_crate as _;`"
    )]
    MissingView {
        /// The contract.
        name: &'static str,
        /// Where it is declared.
        contract: Source,
        /// The role without a view.
        role: Role,
    },
}

impl RegistryProblem {
    /// Whether a node cannot run with it.
    pub fn is_fatal(&self) -> bool {
        !matches!(self, Self::MissingView { .. })
    }
}

/// A contract with this node's view of it.
#[derive(Debug)]
pub(crate) struct KnownContract {
    pub(crate) object: &'static ObjectDescriptor,
    pub(crate) view: Option<ViewEntry>,
}

/// What a node knows, numbered.
#[derive(Debug)]
pub(crate) struct Registry {
    /// Sorted by name: the place is the type's number on the wire.
    contracts: Vec<KnownContract>,
    messages: HashMap<MessageId, &'static MessageDescriptor>,
    handlers: HashMap<MessageId, &'static HandlerEntry>,
    pub(crate) schema: Schema,
}

impl Registry {
    /// Numbers what was registered (or discovered) for a node of `role`, and lists every problem with it.
    pub(crate) fn build(registered: &Registrations, role: Role) -> (Self, Vec<RegistryProblem>) {
        let registered = if registered.is_empty() { Registrations::discover() } else { registered.clone() };
        let mut problems = Vec::new();
        let objects = unique_contracts(registered.contracts, &mut problems);
        let messages = unique_messages(registered.messages, &mut problems);
        let mut contracts: Vec<_> =
            objects.iter().map(|object| KnownContract { object, view: None }).collect();
        for view in registered.views {
            if view.role == role {
                add_view(&mut contracts, view, &mut problems);
            }
        }
        problems.extend(contracts.iter().filter(|known| known.view.is_none()).map(|known| {
            RegistryProblem::MissingView { name: known.object.name, contract: known.object.source, role }
        }));
        let handlers = unique_handlers(registered.handlers, role, &mut problems);
        // What is registered by several ways is found as often; equal ones stand together.
        problems.dedup();
        let by_id = messages.iter().map(|message| (message.id, *message)).collect();
        let schema = Schema { contracts: objects, messages };
        (Self { contracts, messages: by_id, handlers, schema }, problems)
    }

    pub(crate) fn contract(&self, type_number: u16) -> Option<&KnownContract> {
        self.contracts.get(usize::from(type_number))
    }

    pub(crate) fn contracts(&self) -> &[KnownContract] {
        &self.contracts
    }

    /// The number of the type with this name.
    pub(crate) fn type_number(&self, name: &str) -> Option<u16> {
        let place = self.contracts.binary_search_by(|known| known.object.name.cmp(name)).ok()?;
        u16::try_from(place).ok()
    }

    pub(crate) fn message(&self, id: MessageId) -> Option<&'static MessageDescriptor> {
        self.messages.get(&id).copied()
    }

    pub(crate) fn handler(&self, id: MessageId) -> Option<&'static HandlerEntry> {
        self.handlers.get(&id).copied()
    }
}

fn unique_contracts(
    mut contracts: Vec<&'static ObjectDescriptor>,
    problems: &mut Vec<RegistryProblem>,
) -> Vec<&'static ObjectDescriptor> {
    contracts.sort_by_key(|contract| (contract.name, contract.source.file, contract.source.line));
    keep_first(
        contracts,
        |first, other| first.name == other.name,
        |first, other| {
            if first.source != other.source {
                let (first, second) = (first.source, other.source);
                problems.push(RegistryProblem::DuplicateContract { name: other.name, first, second });
            }
        },
    )
}

fn unique_messages(
    mut messages: Vec<&'static MessageDescriptor>,
    problems: &mut Vec<RegistryProblem>,
) -> Vec<&'static MessageDescriptor> {
    messages.sort_by_key(|message| (message.id, message.source.file, message.source.line));
    keep_first(
        messages,
        |first, other| first.id == other.id,
        |first, other| {
            if first.source != other.source {
                let (first, second) = (first.source, other.source);
                problems.push(RegistryProblem::DuplicateMessage { id: other.id, first, second });
            }
        },
    )
}

fn add_view(contracts: &mut [KnownContract], view: ViewEntry, problems: &mut Vec<RegistryProblem>) {
    let known = contracts
        .iter_mut()
        .find(|known| known.object.name == view.object.name)
        .expect("a view is registered with its contract");
    match &known.view {
        None => known.view = Some(view),
        Some(first) if first.source != view.source => problems.push(RegistryProblem::DuplicateView {
            name: view.object.name,
            role: view.role,
            first: first.source,
            second: view.source,
        }),
        Some(_) => {}
    }
}

/// The handlers that a node of `role` uses.
fn unique_handlers(
    mut handlers: Vec<&'static HandlerEntry>,
    role: Role,
    problems: &mut Vec<RegistryProblem>,
) -> HashMap<MessageId, &'static HandlerEntry> {
    handlers.retain(|handler| is_for(handler, role));
    handlers.sort_by_key(|handler| (handler.message.id, handler.source.file, handler.source.line));
    let kept = keep_first(
        handlers,
        |first, other| first.message.id == other.message.id,
        |first, other| {
            if first.source != other.source {
                let (first, second) = (first.source, other.source);
                problems.push(RegistryProblem::DuplicateHandler { id: other.message.id, first, second });
            }
        },
    );
    kept.into_iter().map(|handler| (handler.message.id, handler)).collect()
}

/// Whether a node of `role` is one that receives what the handler takes.
fn is_for(handler: &HandlerEntry, role: Role) -> bool {
    let receives = match handler.message.from {
        Sender::Anyone => true,
        Sender::Client => role == Role::SERVER,
        Sender::Server => role == Role::CLIENT,
    };
    receives && handler.role.is_none_or(|only| only == role)
}

/// Drops items of a sorted list that are the same as one before, after `report` has seen the pair.
fn keep_first<T: Copy>(
    items: Vec<T>,
    is_same: impl Fn(&T, &T) -> bool,
    mut report: impl FnMut(&T, &T),
) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items {
        match kept.last() {
            Some(first) if is_same(first, &item) => report(first, &item),
            _ => kept.push(item),
        }
    }
    kept
}
