//! What a node knows: contracts, its views of them, messages and their handlers.
//!
//! An explicit list underneath, sorted by name; what `inventory` discovers is one way to fill it. The same list gives
//! the same numbers on every run.

use super::contract::{Contract, View, ViewEntry};
use super::cx::MessageCx;
use crate::hash::HashMap;
use crate::line::Disconnect;
use crate::schema::{
    self, Allow, DecodeMessage, Difference, Manifest, Message, MessageDescriptor, ObjectDescriptor, Role,
    Schema, Source,
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
            allow: H::Message::<'static>::ALLOW,
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
    /// Who may send it, besides what the message says of roles.
    pub allow: Option<Allow>,
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
    /// What others say that they know: these are no registrations, so discovery goes on beside them.
    pub(crate) imported: Vec<Manifest>,
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
        let Self { contracts, views, messages, handlers, imported: _ } = self;
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
    /// A manifest says something else of an object than the contract here: calls would be taken for others.
    #[error("a manifest contradicts the contract at {contract}: {difference}")]
    Manifest {
        /// Where the contract is declared.
        contract: Source,
        /// What each of them says.
        difference: Difference,
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

/// A contract with this node's views of it: a node in the middle may have one for its own objects and one for those
/// that its server shows.
#[derive(Debug)]
pub(crate) struct KnownContract {
    pub(crate) object: &'static ObjectDescriptor,
    /// The type's number on the wire.
    pub(crate) number: usize,
    /// One for a role.
    views: Vec<ViewEntry>,
}

impl KnownContract {
    /// The view for the role `side`.
    pub(crate) fn view(&self, side: Role) -> Option<ViewEntry> {
        self.views.iter().find(|view| view.role == side || view.role == Role::BOTH).copied()
    }
}

/// What a node knows, numbered.
#[derive(Debug)]
pub(crate) struct Registry {
    /// Sorted by name.
    contracts: Vec<KnownContract>,
    /// The type numbers of all names that are known here or to others, with the place among the contracts.
    types: Vec<Option<usize>>,
    messages: HashMap<MessageId, &'static MessageDescriptor>,
    /// Those of one message are for different roles.
    handlers: HashMap<MessageId, Vec<&'static HandlerEntry>>,
    pub(crate) schema: Schema,
}

impl Registry {
    /// Numbers what was registered (or discovered), and lists every problem with it. A contract needs a view for one
    /// of `sides`, which are those that the node may be on.
    pub(crate) fn build(registered: &Registrations, sides: &[Role]) -> (Self, Vec<RegistryProblem>) {
        let imported = &registered.imported;
        let registered = if registered.is_empty() { Registrations::discover() } else { registered.clone() };
        let mut problems = Vec::new();
        let objects = unique_contracts(registered.contracts, &mut problems);
        let messages = unique_messages(registered.messages, &mut problems);
        let foreign = foreign_names(&objects, imported);
        let types = number_types(&objects, &foreign);
        let mut contracts = known_contracts(&objects, &types);
        for view in registered.views {
            add_view(&mut contracts, view, &mut problems);
        }
        let is_missing = |known: &&KnownContract| sides.iter().all(|side| known.view(*side).is_none());
        problems.extend(contracts.iter().filter(is_missing).flat_map(|known| {
            let (name, contract) = (known.object.name, known.object.source);
            let role = sides.first().copied();
            role.map(|role| RegistryProblem::MissingView { name, contract, role })
        }));
        let handlers = unique_handlers(registered.handlers, &mut problems);
        problems.extend(objects.iter().flat_map(|object| contradictions(object, imported)));
        // What is registered by several ways is found as often; equal ones stand together.
        problems.dedup();
        let by_id = messages.iter().map(|message| (message.id, *message)).collect();
        let schema = Schema { contracts: objects, messages, foreign };
        (Self { contracts, types, messages: by_id, handlers, schema }, problems)
    }

    pub(crate) fn contract(&self, type_number: u16) -> Option<&KnownContract> {
        let place = *self.types.get(usize::from(type_number))?;
        self.contracts.get(place?)
    }

    pub(crate) fn contracts(&self) -> &[KnownContract] {
        &self.contracts
    }

    /// How many types there are, those that others alone know included.
    pub(crate) fn types(&self) -> usize {
        self.types.len()
    }

    /// The number of the type with this name.
    pub(crate) fn type_number(&self, name: &str) -> Option<u16> {
        let place = self.contracts.binary_search_by(|known| known.object.name.cmp(name)).ok()?;
        u16::try_from(self.contracts[place].number).ok()
    }

    pub(crate) fn message(&self, id: MessageId) -> Option<&'static MessageDescriptor> {
        self.messages.get(&id).copied()
    }

    /// The handler of a message that comes where this node has the role `role`.
    pub(crate) fn handler(&self, id: MessageId, role: Role) -> Option<&'static HandlerEntry> {
        let of_message = self.handlers.get(&id)?;
        of_message.iter().find(|handler| handler.role.is_none_or(|only| only.is(role))).copied()
    }
}

/// What manifests say otherwise than a contract of ours.
fn contradictions(object: &'static ObjectDescriptor, imported: &[Manifest]) -> Vec<RegistryProblem> {
    let tables =
        imported.iter().flat_map(|manifest| manifest.tables()).filter(|table| table.object == object.name);
    let contract = object.source;
    tables
        .flat_map(|table| schema::differences(object, table))
        .map(|difference| RegistryProblem::Manifest { contract, difference })
        .collect()
}

/// The names of objects that others alone know, sorted.
fn foreign_names(objects: &[&ObjectDescriptor], imported: &[Manifest]) -> Vec<String> {
    let names = imported.iter().flat_map(|manifest| manifest.tables()).map(|table| &table.object);
    let is_foreign = |name: &&String| objects.binary_search_by(|object| object.name.cmp(name)).is_err();
    let mut names: Vec<String> = names.filter(is_foreign).cloned().collect();
    names.sort();
    names.dedup();
    names
}

/// The contracts in their order, without views so far. `types` holds the place of each.
fn known_contracts(objects: &[&'static ObjectDescriptor], types: &[Option<usize>]) -> Vec<KnownContract> {
    let numbered = types.iter().enumerate().filter_map(|(number, place)| Some((number, (*place)?)));
    numbered
        .map(|(number, place)| KnownContract { object: objects[place], number, views: Vec::new() })
        .collect()
}

/// The place among the sorted `objects` of each name, all names sorted; nothing for those of others.
fn number_types(objects: &[&ObjectDescriptor], foreign: &[String]) -> Vec<Option<usize>> {
    let ours = objects.iter().enumerate().map(|(place, object)| (object.name, Some(place)));
    let mut names: Vec<(&str, Option<usize>)> =
        ours.chain(foreign.iter().map(|name| (&name[..], None))).collect();
    names.sort();
    names.into_iter().map(|(_, place)| place).collect()
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
    match known.view(view.role) {
        None => known.views.push(view),
        Some(first) if first.source != view.source => problems.push(RegistryProblem::DuplicateView {
            name: view.object.name,
            role: view.role,
            first: first.source,
            second: view.source,
        }),
        Some(_) => {}
    }
}

/// The handlers of each message, no two of which are for one role.
fn unique_handlers(
    mut handlers: Vec<&'static HandlerEntry>,
    problems: &mut Vec<RegistryProblem>,
) -> HashMap<MessageId, Vec<&'static HandlerEntry>> {
    handlers.sort_by_key(|handler| (handler.message.id, handler.source.file, handler.source.line));
    let mut kept: HashMap<MessageId, Vec<&'static HandlerEntry>> = HashMap::default();
    for handler in handlers {
        let of_message = kept.entry(handler.message.id).or_default();
        match of_message.iter().find(|first| share_a_role(first, handler)) {
            None => of_message.push(handler),
            Some(first) if first.source != handler.source => {
                let (id, first, second) = (handler.message.id, first.source, handler.source);
                problems.push(RegistryProblem::DuplicateHandler { id, first, second });
            }
            Some(_) => {}
        }
    }
    kept
}

fn share_a_role(first: &HandlerEntry, second: &HandlerEntry) -> bool {
    first.role.is_none() || second.role.is_none() || first.role == second.role
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
