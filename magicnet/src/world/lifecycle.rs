//! Objects over which this node has authority: how they begin, are shown, and end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::World;
use super::calls::{accepted, field_at, in_time, may_call, own_field};
use super::connection::Connection;
use super::contract::{Slot, ViewEntry};
use super::create::{CreateError, CreationSpec, Done, Pending};
use super::event::{Rejection, Request, RequestRejected};
use super::id::{Authority, ObjectId, Repository};
use super::scene::{Desk, panic_text, settle};
use super::store::{ObjectEntry, ObjectHeader, Origin, Snapshot};
use crate::line::{Audience, ConnectionId, Topic, Turn, ZoneId};
use crate::schema::{Creator, FieldDescriptor, FieldKind, ObjectDescriptor, OwnerLeft, Role};
use crate::wire::{
    Arguments, CarriedCall, CarriedCalls, DecodeError, DisconnectReason, EncodeFault, Extensions, MAX_FRAME,
    ProtocolMessage, Reader, Writer,
};

/// How long a client waits for the acknowledgement of a creation: many round trips, few enough for a person.
const CREATION_TIMEOUT: Duration = Duration::from_secs(10);

/// What CREATE_OBJECT asks for, besides its calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct CreateRequest {
    pub(super) local_id: u32,
    pub(super) type_number: u16,
    pub(super) owner: u32,
    pub(super) zone: ZoneId,
}

impl World {
    /// CREATE_OBJECT, from a client.
    pub(super) fn create_for_peer(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        request: CreateRequest,
        calls: CarriedCalls<'_>,
    ) {
        let local_id = request.local_id;
        if self.registry.contract(request.type_number).is_none() {
            let detail = format!("Unknown object: {local_id}");
            turn.close(connection, DisconnectReason::UNKNOWN_OBJECT_TYPE, &detail);
            return;
        }
        let outcome = self.check_creation(connection, request).and_then(|header| {
            let slot = self.new_slot(header.type_number, header.side()).map_err(Rejection::from)?;
            Ok(self.bring_up(turn, header, slot, Some(connection), calls)?)
        });
        if let Err(reason) = outcome {
            let request = Request::Create { local_id };
            self.desk.event(RequestRejected { connection, request, reason });
        }
    }

    /// Contract, owner, zone, local id, count: all that must hold before a peer's object exists (DESIGN section 6).
    fn check_creation(
        &self,
        connection: ConnectionId,
        request: CreateRequest,
    ) -> Result<ObjectHeader, Rejection> {
        let known = self.registry.contract(request.type_number).ok_or(Rejection::UnknownObject)?;
        let sender = self.desk.connections.get(connection).ok_or(Rejection::NotServer)?;
        let repository = sender.repository().ok_or(Rejection::NotServer)?;
        if !self.desk.routes.shows(request.type_number, sender) {
            return Err(Rejection::NotVisible);
        }
        match known.object.create {
            _ if self.authority.is_none() => return Err(Rejection::NotServer),
            Creator::Server => return Err(Rejection::NotServer),
            Creator::Anyone => {}
            Creator::Accepted { by } => {
                let view = known.view(Role::SERVER).ok_or(Rejection::Unhandled)?;
                accepted(by, || (view.accepts_creator)(sender))?;
            }
        }
        if request.owner != 0 && request.owner != repository.0 {
            return Err(Rejection::NotOwner);
        }
        if self.desk.routes.zoned && !sender.sees(request.zone) {
            return Err(Rejection::ZoneNotAllowed(request.zone));
        }
        let id = ObjectId::new(repository, request.local_id);
        if self.objects.contains(id) {
            return Err(Rejection::LocalIdInUse);
        }
        let limit = self.limits.objects_per_connection;
        if self.objects.count_of(repository) >= limit {
            return Err(Rejection::Limit { limit, of: "objects of one connection" });
        }
        Ok(self.header(id, request.type_number, known.object, repository, request.zone))
    }

    fn header(
        &self,
        id: ObjectId,
        type_number: u16,
        contract: &'static ObjectDescriptor,
        owner: Repository,
        zone: ZoneId,
    ) -> ObjectHeader {
        let is_mine = self.authority == Some(owner);
        ObjectHeader { id, type_number, contract, owner, zone, origin: Origin::Here, is_mine }
    }

    /// A new view of this node's for a type that it knows, in the role `side`.
    pub(super) fn new_slot(&self, type_number: u16, side: Role) -> Result<Slot, CreateError> {
        let known = self.registry.contract(type_number).expect("the caller has looked the type up");
        let Some(ViewEntry { make, .. }) = known.view(side) else {
            return Err(CreateError::NoView(known.object.name));
        };
        catch_unwind(AssertUnwindSafe(make)).map_err(|panic| CreateError::Panicked(panic_text(&*panic)))
    }

    /// Makes an object: its calls run first, then all who may see it get it complete, then `on_generate` runs.
    fn bring_up<'a>(
        &mut self,
        turn: &mut Turn,
        header: ObjectHeader,
        slot: Slot,
        creator: Option<ConnectionId>,
        calls: impl Iterator<Item = Result<CarriedCall<'a>, DecodeError>>,
    ) -> Result<(), EncodeFault> {
        let id = header.id;
        let snapshot = Snapshot::of(slot.0.state(), slot.0.properties())?;
        let mut entry = ObjectEntry { header, slot, snapshot, is_complete: true, placed: 0 };
        if entry.slot.0.has_state_in_view() {
            let properties = 0..entry.snapshot.properties();
            settle(&mut entry, properties);
        }
        self.objects.insert(entry);
        let before_calls = turn.mark();
        for call in calls {
            self.carried_call(turn, id, creator, call);
        }
        let after_calls = turn.mark();
        let entry = self.objects.get(id).expect("inserted above, and calls remove nothing");
        self.desk.begin_for_viewers(turn, entry);
        if let Some(maker) = creator {
            self.show_to_maker(turn, id, maker);
        }
        // What the calls sent follows the object that it is about.
        turn.move_before(before_calls, after_calls);
        self.run_own(turn, id, |slot, scene| slot.on_generate(scene));
        Ok(())
    }

    /// One call of a creation, or a property that the creator gives. State is kept for the snapshot and not sent; what
    /// fails is dropped.
    fn carried_call(
        &mut self,
        turn: &mut Turn,
        id: ObjectId,
        creator: Option<ConnectionId>,
        call: Result<CarriedCall<'_>, DecodeError>,
    ) {
        let Self { objects, desk, .. } = self;
        let entry = objects.get_mut(id).expect("calls remove nothing");
        let mut place = (0, 0);
        let outcome = call.map_err(Rejection::Arguments).and_then(|mut call| {
            place = (call.role, call.field);
            if let (_, FieldDescriptor { kind: FieldKind::Property { property, init: true, .. }, .. }) =
                field_at(entry, place)?
            {
                return desk.run(turn, entry, creator, false, |slot, scene| {
                    scene.touch_state();
                    slot.restore(*property, &mut call.arguments)
                });
            }
            let field = own_field(entry, place)?;
            if let Some(sender) = creator.and_then(|creator| desk.connections.get(creator)) {
                // The creator is the owner: `check_creation` has seen to that.
                may_call(entry, sender, call.field, field.kind, true)?;
                let sender = sender.id();
                in_time(&mut desk.connections, desk.now, sender, entry, (place, field))?;
            }
            desk.run(turn, entry, creator, false, |slot, scene| {
                slot.call(scene, call.field, &mut call.arguments)
            })
        });
        if let Err(reason) = outcome {
            let (role, field) = place;
            match creator {
                Some(connection) => {
                    let request = Request::CallInCreation { object: id, role, field };
                    desk.event(RequestRejected { connection, request, reason });
                }
                None => desk.warn(None, format!("a call in the creation of {id} failed: {reason}")),
            }
        }
    }

    /// Creates an object on behalf of this node: at once with authority, else by asking the server. One of several
    /// servers may be meant, whatever authority this node has.
    pub(super) fn create_object(
        &mut self,
        turn: &mut Turn,
        contract: &'static ObjectDescriptor,
        spec: CreationSpec,
        server: Option<ConnectionId>,
        done: Option<Done>,
    ) -> Result<ObjectId, CreateError> {
        let outcome = self.try_create(turn, contract, spec, server);
        match outcome {
            Ok(Creating::Done(id)) => {
                done.into_iter().for_each(|done| done(Ok(id)));
                Ok(id)
            }
            Ok(Creating::Asked(id, connection)) => {
                self.deadlines.push_back((self.desk.now + CREATION_TIMEOUT, id.local()));
                self.pending.insert(id.local(), Pending { connection, done });
                Ok(id)
            }
            Err(error) => {
                done.into_iter().for_each(|done| done(Err(error.clone())));
                Err(error)
            }
        }
    }

    fn try_create(
        &mut self,
        turn: &mut Turn,
        contract: &'static ObjectDescriptor,
        spec: CreationSpec,
        server: Option<ConnectionId>,
    ) -> Result<Creating, CreateError> {
        let unknown = CreateError::UnknownContract(contract.name);
        let type_number = self.registry.type_number(contract.name).ok_or(unknown)?;
        spec.fault.map_or(Ok(()), Err)?;
        match self.authority {
            Some(own) if server.is_none() => {
                self.create_here(turn, own, (type_number, contract), &spec).map(Creating::Done)
            }
            _ => self.ask_for(turn, server, type_number, &spec),
        }
    }

    fn create_here(
        &mut self,
        turn: &mut Turn,
        own: Repository,
        (type_number, contract): (u16, &'static ObjectDescriptor),
        spec: &CreationSpec,
    ) -> Result<ObjectId, CreateError> {
        let slot = self.new_slot(type_number, Role::SERVER)?;
        let id = ObjectId::new(own, self.next_local());
        let header = self.header(id, type_number, contract, spec.owner.unwrap_or(own), spec.zone);
        let calls = spec.calls.iter().map(|call| {
            let (role, field) = call.place;
            Ok(CarriedCall { role, field, arguments: Arguments::open(Reader::new(&call.arguments))? })
        });
        self.bring_up(turn, header, slot, None, calls)?;
        Ok(id)
    }

    /// Sends CREATE_OBJECT to a server, the first one if nothing is said.
    fn ask_for(
        &mut self,
        turn: &mut Turn,
        server: Option<ConnectionId>,
        type_number: u16,
        spec: &CreationSpec,
    ) -> Result<Creating, CreateError> {
        let (known, repository) = self.server(server).ok_or(CreateError::NotConnected)?;
        let (connection, authority) = (known.id(), known.authority);
        let local_id = self.next_local();
        let mut bytes = Vec::new();
        write_calls(&mut bytes, spec);
        let calls = CarriedCalls::read(&mut Reader::new(&bytes)).expect("our own writer wrote the calls");
        let (owner, zone) = (spec.owner.map_or(0, |owner| owner.0), spec.zone.0);
        let mut message = Vec::new();
        ProtocolMessage::CreateObject { local_id, type_number, owner, zone, calls }.encode(&mut message);
        if message.len() > MAX_FRAME {
            return Err(CreateError::TooLarge { len: message.len(), max: MAX_FRAME });
        }
        turn.send_message(Audience::Connection(connection), Topic::Other, |out| {
            out.extend_from_slice(&message)
        });
        Ok(Creating::Asked(ObjectId::new(repository, local_id).of(authority), connection))
    }

    fn next_local(&mut self) -> u32 {
        loop {
            self.last_local = self.last_local.wrapping_add(1);
            let taken =
                self.authority.is_some_and(|own| self.objects.contains(ObjectId::new(own, self.last_local)));
            if self.last_local != 0 && !taken && !self.pending.contains_key(&self.last_local) {
                return self.last_local;
            }
        }
    }

    /// REQUEST_DELETE_OBJECT, from a client.
    pub(super) fn delete_for_peer(&mut self, turn: &mut Turn, connection: ConnectionId, object: ObjectId) {
        let sender = self.desk.connections.get(connection).and_then(|known| known.repository());
        let outcome = match self.objects.get(object).map(|entry| &entry.header) {
            None => Err(Rejection::UnknownObject),
            Some(header) if header.origin == Origin::Here && Some(header.owner) == sender => {
                let is_shown = |known| self.desk.routes.shows(header.type_number, known);
                let known = self.desk.connections.get(connection);
                if known.is_some_and(is_shown) { Ok(()) } else { Err(Rejection::NotVisible) }
            }
            Some(_) => Err(Rejection::NotOwner),
        };
        match outcome {
            Ok(()) => self.destroy_here(turn, object),
            Err(reason) => {
                self.desk.event(RequestRejected { connection, request: Request::Delete { object }, reason });
            }
        }
    }

    /// Ends an object of ours, for everyone.
    pub(super) fn destroy_here(&mut self, turn: &mut Turn, object: ObjectId) {
        if self.objects.get(object).is_none_or(|entry| entry.header.origin != Origin::Here) {
            return;
        }
        self.run_own(turn, object, |slot, scene| slot.on_destroy(scene));
        let Some(entry) = self.objects.remove(object) else {
            return;
        };
        self.forget_changes(&entry);
        self.desk.end(turn, object, self.desk.viewers(&entry.header));
        for witness in self.desk.connections.witnesses(&self.desk.routes, &entry) {
            self.desk.end(turn, object, Audience::Connection(witness));
        }
        self.end_at_keeper(turn, &entry.header);
    }

    /// Puts an object of ours into another zone. Version 3 can say that as an end for those who lose sight of it and
    /// as a beginning for those who gain it. Who sees both zones notices nothing; peers of ours are told the new zone
    /// by a GENERATE that keeps their view, where Python would put a new one in its place.
    pub(super) fn move_here(&mut self, turn: &mut Turn, object: ObjectId, zone: ZoneId) {
        let Some(ObjectHeader { origin: Origin::Here, owner, zone: before, is_mine, .. }) =
            self.objects.get(object).map(|entry| &entry.header)
        else {
            return;
        };
        let (owner, before, is_mine) = (*owner, *before, *is_mine);
        if before == zone {
            return;
        }
        let except = self.keeper(object.repository());
        let Self { objects, desk, .. } = self;
        let Desk { connections, routes, .. } = &*desk;
        let entry = objects.get(object).expect("it was found above");
        let (mut witnesses, requesters) =
            (connections.witnesses(routes, entry), connections.requesters(routes, entry));
        witnesses.retain(|witness| except != Some(*witness));
        objects.set_place(object, owner, zone, is_mine);
        let entry = objects.get(object).expect("it was found above");
        if desk.routes.zoned {
            let shown = |desk: &Desk, audience| desk.routes.shown(entry.header.type_number, audience);
            // Who has been shown one of the zones in part sees an end and a beginning.
            for witness in witnesses {
                desk.end(turn, object, Audience::Connection(witness));
            }
            let losing = shown(desk, Audience::ZoneUnless { zone: before, unless: zone, except });
            desk.end(turn, object, losing);
            let gaining = shown(desk, Audience::ZoneUnless { zone, unless: before, except: None });
            desk.enter(turn, entry, gaining);
            let knows = Extensions::INTEREST;
            let keeping = shown(desk, Audience::ZoneAnd { zone, and: before, knows });
            desk.announce_move(turn, entry, before, keeping);
            desk.begin_for_joiners(turn, entry);
        }
        // Their cursors would miss it, and who sees both zones was told nothing.
        for requester in requesters {
            let Desk { connections, routes, .. } = &*desk;
            let is_in = |zone| connections.get(requester).is_some_and(|it| connections.is_member(it, zone));
            if !routes.zoned || is_in(before) && is_in(zone) {
                desk.repeat(turn, entry, requester);
            }
        }
    }

    /// A client is gone: its objects go with it, unless their contract keeps them.
    pub(super) fn owner_left(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let repository = self.desk.connections.get(connection).and_then(|known| known.repository());
        for object in
            repository.map(|owner| self.objects.of_owner(Authority::default(), owner)).unwrap_or_default()
        {
            let entry = self.objects.get(object).expect("the index of owners names objects that exist");
            if entry.header.contract.on_owner_left == OwnerLeft::Destroy {
                self.destroy_here(turn, object);
            }
        }
    }

    /// REQUEST_VISIBLE_OBJECTS, from a client.
    pub(super) fn visible_requested(&mut self, turn: &mut Turn, connection: ConnectionId) {
        if self.may_cause(connection, Request::VisibleObjects) {
            self.show_all(turn, connection);
        }
    }

    /// Whether an object is ours to show, and a connection one of those to whom it is.
    pub(super) fn may_show(&self, entry: &ObjectEntry, known: &Connection) -> bool {
        entry.header.origin == Origin::Here && self.desk.routes.shows(entry.header.type_number, known)
    }

    /// Runs a part of an object's life that nobody called for.
    pub(super) fn run_own(
        &mut self,
        turn: &mut Turn,
        object: ObjectId,
        act: impl FnOnce(&mut dyn super::contract::ErasedSlot, &mut dyn super::scene::Scene),
    ) {
        let Self { objects, desk, .. } = self;
        let Some(entry) = objects.get_mut(object) else {
            return;
        };
        let outcome = desk.run(turn, entry, None, true, |slot, scene| {
            act(slot, scene);
            Ok(())
        });
        if let Err(reason) = outcome {
            let name = entry.header.contract.name;
            desk.warn(None, format!("a handler of {object} (`{name}`) was undone: {reason}"));
        }
    }
}

enum Creating {
    Done(ObjectId),
    Asked(ObjectId, ConnectionId),
}

fn write_calls(out: &mut Vec<u8>, spec: &CreationSpec) {
    let mut w = Writer::new(out);
    w.array(spec.calls.len());
    for call in &spec.calls {
        w.array(3);
        w.unsigned(call.place.0.into());
        w.unsigned(call.place.1.into());
        w.raw(&call.arguments);
    }
}

impl From<CreateError> for Rejection {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Panicked(what) => Self::Panicked(what),
            CreateError::NotSendable(fault) => Self::NotSendable(fault),
            _ => Self::Unhandled,
        }
    }
}
