//! A handler's run: what it can reach, what it queues, and how that is kept or undone.
//!
//! A handler sees the node through a [`Scene`]. Everything it sends is appended to the turn behind a mark; when it
//! rejects, panics or cannot be encoded, turn, effects, snapshot and state go back to where they were.

use std::any::Any;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::behind::Journal;
use super::connection::{Connection, Connections, TypeMap};
use super::contract::{ErasedSlot, ErasedState};
use super::event::{AnyEvent, Rejection, SchemaMismatch, Warning};
use super::id::ObjectId;
use super::node_cx::NodeCx;
use super::post::{field_name, for_each_receiver, is_kept, keep, post_call, post_message, viewers};
use super::route::{Routes, To};
use super::store::{ObjectEntry, ObjectHeader, Origin, Snapshot, Undo};
use super::stub::{CallSink, Target};
use crate::line::{ConnectionId, Disconnect, Mark, Recipients, Topic, Turn, ZoneId};
use crate::schema::{FieldKind, MessageDescriptor, Receiver, Role};
use crate::time::Time;
use crate::wire::{Arguments, DecodeError, EncodeFault, Reader, Writer, encode_call};

/// What a context needs of the world around its handler.
pub(crate) trait Scene: CallSink {
    /// The object that the handler belongs to; message handlers have none and never ask.
    fn object(&self) -> &ObjectHeader;
    fn sender(&self) -> Option<ConnectionId>;
    fn connection(&self, id: ConnectionId) -> Option<&Connection>;
    fn connection_mut(&mut self, id: ConnectionId) -> Option<&mut Connection>;
    fn app(&self) -> &TypeMap;
    fn app_mut(&mut self) -> &mut TypeMap;
    fn now(&self) -> Time;
    fn reject(&self, why: Cow<'static, str>);
    /// The state is about to be changed.
    fn touch_state(&self);
    /// Keeps a call that came, for those who come later.
    fn keep(&self, place: (u8, u8), arguments: &mut dyn FnMut(&mut Writer<'_>));
    fn effect(&self, effect: Effect);
    fn send_message(
        &self,
        to: To<'_>,
        message: &'static MessageDescriptor,
        params: &mut dyn FnMut(&mut Writer<'_>),
    );
}

/// Something that is done when the handler which asked for it has passed.
pub(crate) enum Effect {
    Disconnect(ConnectionId, Disconnect),
    Admit(ConnectionId),
    Destroy(ObjectId),
    Move(ObjectId, ZoneId),
    Defer(Box<dyn FnOnce(&mut NodeCx<'_>) + Send>),
    /// A call to the server's view of an object over which this node itself has authority.
    LocalCall {
        object: ObjectId,
        place: (u8, u8),
        arguments: Vec<u8>,
    },
    Event(AnyEvent),
}

impl std::fmt::Debug for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Effect")
    }
}

/// What handlers share: everything of a world but its objects.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(super) connections: Connections,
    pub(super) app: TypeMap,
    pub(super) effects: VecDeque<Effect>,
    pub(super) events: VecDeque<AnyEvent>,
    pub(super) now: Time,
    /// Who receives what goes to many.
    pub(super) routes: Routes,
    /// What changes while somebody does not keep up.
    pub(super) journal: Journal,
    /// Reused by each run.
    undo: Undo,
    scratch: Vec<u8>,
}

/// What a handler can append to.
struct Output<'a> {
    turn: &'a mut Turn,
    effects: &'a mut VecDeque<Effect>,
    snapshot: Option<&'a mut Snapshot>,
    undo: &'a mut Undo,
    scratch: &'a mut Vec<u8>,
}

struct Run<'a> {
    header: Option<&'a ObjectHeader>,
    sender: Option<ConnectionId>,
    connections: &'a mut Connections,
    app: &'a mut TypeMap,
    now: Time,
    routes: &'a Routes,
    /// Whether changes of state are sent, or only kept for the snapshot.
    announces: bool,
    /// Where the state is in the view, it is compared when the handler has passed and goes in front of what was sent
    /// since then.
    state_first: Option<Mark>,
    output: RefCell<Output<'a>>,
    /// `state_mut` was taken since the last comparison.
    is_touched: Cell<bool>,
    /// It was taken at all.
    was_touched: Cell<bool>,
    rejected: Cell<Option<Cow<'static, str>>>,
    /// State that could not be encoded: the run fails.
    fault: Cell<Option<EncodeFault>>,
}

impl Desk {
    pub(super) fn new(app: TypeMap, routes: Routes) -> Self {
        Self {
            connections: Connections::default(),
            app,
            effects: VecDeque::new(),
            events: VecDeque::new(),
            now: Time::ZERO,
            routes,
            journal: Journal::default(),
            undo: Undo::default(),
            scratch: Vec::new(),
        }
    }

    pub(super) fn event(&mut self, event: impl Into<AnyEvent>) {
        let event = event.into();
        match &event {
            AnyEvent::SchemaMismatch(event) => {
                let SchemaMismatch { connection, mismatch } = event;
                tracing::warn!(%connection, %mismatch, "a peer was built differently");
            }
            // Not louder: a peer causes them at will.
            event => tracing::debug!(?event, "event"),
        }
        self.events.push_back(event);
    }

    pub(super) fn warn(&mut self, connection: Option<ConnectionId>, text: impl Into<String>) {
        self.event(Warning { connection, text: text.into() });
    }

    /// Who sees an object.
    pub(super) fn viewers(&self, header: &ObjectHeader) -> Recipients {
        viewers(&self.routes, header)
    }

    /// Runs a handler of an object. `announces` says whether changes of state are sent.
    pub(super) fn run(
        &mut self,
        turn: &mut Turn,
        entry: &mut ObjectEntry,
        sender: Option<ConnectionId>,
        announces: bool,
        act: impl FnOnce(&mut dyn ErasedSlot, &mut dyn Scene) -> Result<(), DecodeError>,
    ) -> Result<(), Rejection> {
        let has_authority = entry.header.origin == Origin::Here;
        let is_in_view = has_authority && entry.slot.0.has_state_in_view();
        let mark = if is_in_view { turn.mark() } else { turn.moment() };
        let queued = self.effects.len();
        let snapshot = has_authority.then_some(&mut entry.snapshot);
        let mut scene = self.scene(turn, Some(&entry.header), snapshot, sender);
        scene.announces = announces;
        if is_in_view {
            scene.state_first = Some(mark);
            scene.touch_state();
        }
        let slot = &mut *entry.slot.0;
        let outcome = caught(|| {
            act(slot, &mut scene)?;
            scene.conclude(|| slot.state())
        });
        let was_touched = scene.was_touched.get();
        if let Err(reason) = &outcome {
            turn.rollback(mark);
            self.effects.truncate(queued);
            entry.snapshot.restore(&self.undo);
            // What cannot be decoded has not reached the handler.
            if has_authority && was_touched && !matches!(reason, Rejection::Arguments(_)) {
                restore_state(entry);
            }
        } else {
            let properties = entry.snapshot.properties();
            let changed = || self.undo.changed().filter(|entry| *entry < properties);
            if announces && !self.journal.is_idle() {
                changed().for_each(|property| self.journal.changed(entry.header.id, property));
            }
            if is_in_view {
                settle(entry, changed());
            }
        }
        self.undo.clear();
        outcome
    }

    /// Runs a handler that belongs to no object. `act` may end the sender's connection.
    pub(super) fn run_free(
        &mut self,
        turn: &mut Turn,
        sender: ConnectionId,
        act: impl FnOnce(&mut dyn Scene) -> Result<(), Rejection>,
    ) -> Result<(), Rejection> {
        let (mark, queued) = (turn.moment(), self.effects.len());
        let mut scene = self.scene(turn, None, None, Some(sender));
        let outcome = caught(|| {
            act(&mut scene)?;
            scene.conclude(|| unreachable!("only objects have state"))
        });
        if outcome.is_err() {
            turn.rollback(mark);
            self.effects.truncate(queued);
        }
        outcome
    }

    fn scene<'a>(
        &'a mut self,
        turn: &'a mut Turn,
        header: Option<&'a ObjectHeader>,
        snapshot: Option<&'a mut Snapshot>,
        sender: Option<ConnectionId>,
    ) -> Run<'a> {
        Run {
            header,
            sender,
            connections: &mut self.connections,
            app: &mut self.app,
            now: self.now,
            routes: &self.routes,
            announces: true,
            state_first: None,
            output: RefCell::new(Output {
                turn,
                effects: &mut self.effects,
                snapshot,
                undo: &mut self.undo,
                scratch: &mut self.scratch,
            }),
            is_touched: Cell::new(false),
            was_touched: Cell::new(false),
            rejected: Cell::new(None),
            fault: Cell::new(None),
        }
    }
}

/// Shows contexts the state that the snapshot holds of a view.
pub(super) fn settle(entry: &mut ObjectEntry, properties: impl Iterator<Item = usize>) {
    let ObjectEntry { snapshot, slot, .. } = entry;
    for property in properties {
        let number = u8::try_from(property).expect("a role has at most 256 fields");
        let settled = Arguments::open(Reader::new(snapshot.property(property)))
            .and_then(|mut arguments| slot.0.settle(number, &mut arguments));
        settled.expect("a snapshot holds what our own encoder wrote");
    }
}

/// Gives the view the state that the snapshot holds.
fn restore_state(entry: &mut ObjectEntry) {
    let ObjectEntry { snapshot, slot, .. } = entry;
    for (number, property) in (0_u8..=u8::MAX).zip(0..snapshot.properties()) {
        let restored = Arguments::open(Reader::new(snapshot.property(property)))
            .and_then(|mut arguments| slot.0.restore(number, &mut arguments));
        restored.expect("a snapshot holds what our own encoder wrote");
    }
}

/// Runs a user's code; a panic in it is a rejection.
pub(super) fn caught(act: impl FnOnce() -> Result<(), Rejection>) -> Result<(), Rejection> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|panic| Err(Rejection::Panicked(panic_text(&*panic))))
}

/// What a panic says.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is no text").to_owned()
}

impl Run<'_> {
    /// After the handler: its last changes of `state`, unless something speaks against keeping any of it.
    fn conclude<'s>(&self, state: impl FnOnce() -> &'s dyn ErasedState) -> Result<(), Rejection> {
        if let Some(why) = self.rejected.take() {
            return Err(Rejection::ByHandler(why));
        }
        if self.is_touched.get() {
            let now = self.state_first.map(|first| (first, self.output.borrow_mut().turn.mark()));
            self.send_changes(state());
            if let Some((first, now)) = now {
                self.output.borrow_mut().turn.move_before(first, now);
            }
        }
        self.fault.get().map_or(Ok(()), |fault| Err(fault.into()))
    }

    /// Compares the state with the snapshot and sends what differs.
    fn send_changes(&self, state: &dyn ErasedState) {
        if !self.is_touched.replace(false) {
            return;
        }
        let header = self.header.expect("only objects have state");
        let Output { turn, snapshot: Some(snapshot), undo, scratch, .. } = &mut *self.output.borrow_mut()
        else {
            return;
        };
        // Whose fields the properties are, if anybody is to be told of them.
        let table = header.contract.role(Role::CLIENT).filter(|_| self.announces);
        for property in 0..snapshot.properties() {
            scratch.clear();
            let mut w = Writer::new(scratch);
            state.encode_property(property, &mut w);
            if let Some(fault) = w.fault() {
                self.fault.set(self.fault.get().or(Some(fault)));
                continue;
            }
            let is_changed = snapshot.property(property) != &scratch[..];
            if is_changed {
                snapshot.set(property, scratch, undo);
            }
            let Some(table) = table else { continue };
            let Some((number, field)) = header.contract.property_in(table, property) else { continue };
            let FieldKind::Property { always, to, .. } = field.kind else { continue };
            if is_changed || always {
                self.send_property(turn, header, (to, always), (table.number, number), scratch);
            }
        }
    }

    /// Sends a property, as the array of arguments that sets it, to all who receive it.
    fn send_property(
        &self,
        turn: &mut Turn,
        header: &ObjectHeader,
        (to, always): (Receiver, bool),
        (role, field): (u8, u8),
        arguments: &[u8],
    ) {
        let object = header.id.to_u64();
        // Each time that such a property is assigned counts, like a call.
        let topic = if always { Topic::Call(object) } else { Topic::State { object, role, field } };
        for_each_receiver(self.connections, self.routes, header, (to, topic), |recipients| {
            turn.send_message(recipients, topic, |out| {
                encode_call(&mut Writer::new(out), object, role, field, |w| w.raw(arguments));
            });
        });
    }

    /// Keeps a call if it says so and goes to all whom it is declared for; says whether it did.
    fn keep_sent(
        &self,
        output: &mut Output<'_>,
        header: &ObjectHeader,
        (target, place): (Target, (u8, u8)),
        arguments: &mut dyn FnMut(&mut Writer<'_>),
    ) -> bool {
        is_kept(header, target, place)
            && keep(output.snapshot.as_deref_mut(), place, output.scratch, output.undo, arguments)
    }
}

impl CallSink for Run<'_> {
    fn call(
        &self,
        state: Option<&dyn ErasedState>,
        target: Target,
        place: (u8, u8),
        arguments: &mut dyn FnMut(&mut Writer<'_>),
    ) {
        if let Some(state) = state.filter(|_| self.state_first.is_none()) {
            self.send_changes(state);
        }
        let header = self.header.expect("only objects have stubs");
        let mut output = self.output.borrow_mut();
        if self.keep_sent(&mut output, header, (target, place), arguments) && !self.announces {
            return;
        }
        let Output { turn, effects, .. } = &mut *output;
        // A view of all nodes could call itself for ever.
        if (target, header.origin) == (Target::Server, Origin::Here) {
            let field = field_name(header, place);
            let text = format!("`{field}` of {} was not called: this node is its server", header.id);
            return effects.push_back(Effect::Event(Warning { connection: None, text }.into()));
        }
        post_call(turn, effects, (self.connections, self.routes), header, (target, place), arguments);
    }
}

impl Scene for Run<'_> {
    fn object(&self) -> &ObjectHeader {
        self.header.expect("contexts of objects run with one")
    }

    fn sender(&self) -> Option<ConnectionId> {
        self.sender
    }

    fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.get(id)
    }

    fn connection_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.connections.get_mut(id)
    }

    fn app(&self) -> &TypeMap {
        self.app
    }

    fn app_mut(&mut self) -> &mut TypeMap {
        self.app
    }

    fn now(&self) -> Time {
        self.now
    }

    fn reject(&self, why: Cow<'static, str>) {
        let first = self.rejected.take();
        self.rejected.set(first.or(Some(why)));
    }

    fn touch_state(&self) {
        self.is_touched.set(true);
        self.was_touched.set(true);
    }

    fn keep(&self, place: (u8, u8), arguments: &mut dyn FnMut(&mut Writer<'_>)) {
        let output = &mut *self.output.borrow_mut();
        keep(output.snapshot.as_deref_mut(), place, output.scratch, output.undo, arguments);
    }

    fn effect(&self, effect: Effect) {
        self.output.borrow_mut().effects.push_back(effect);
    }

    fn send_message(
        &self,
        to: To<'_>,
        message: &'static MessageDescriptor,
        params: &mut dyn FnMut(&mut Writer<'_>),
    ) {
        let mut output = self.output.borrow_mut();
        let sent = post_message(output.turn, self.connections, self.routes, to, message, params);
        if let Err(event) = sent {
            output.effects.push_back(Effect::Event(event));
        }
    }
}
