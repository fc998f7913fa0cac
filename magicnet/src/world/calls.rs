//! Calls and state that come for an object: who may, in which order it is checked, what follows.

use super::World;
use super::connection::{Connection, Connections, Paced};
use super::event::{CallRejected, Rejection};
use super::id::ObjectId;
use super::scene::{Desk, caught};
use super::store::{ObjectEntry, Origin};
use crate::line::{ConnectionId, Turn};
use crate::schema::{Caller, FieldDescriptor, FieldKind, RoleDescriptor};
use crate::time::Time;
use crate::wire::{Arguments, Reader, SetObjectField};

impl World {
    /// SET_OBJECT_FIELD, from whichever side.
    pub(super) fn field(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        message: &mut SetObjectField<'_>,
    ) {
        let SetObjectField { object, role, field, arguments } = message;
        let Self { objects, desk, .. } = self;
        let Some(sender) = desk.connections.get(connection) else {
            return;
        };
        let (object, place) = (ObjectId::from_u64(*object).of(sender.authority), (*role, *field));
        let outcome = match objects.get_mut(object) {
            None => Err(Rejection::UnknownObject),
            Some(entry) => match entry.header.origin {
                Origin::Here => call_from_peer(desk, turn, connection, entry, place, arguments),
                Origin::Peer(authority) if authority == connection => {
                    field_from_authority(desk, turn, connection, entry, place, arguments)
                }
                Origin::Peer(_) => Err(Rejection::NotVisible),
            },
        };
        if let Err(reason) = outcome {
            self.call_rejected(Some(connection), object, place, reason);
        }
    }

    /// A call of this node itself to the server's view of one of its objects.
    pub(super) fn call_locally(
        &mut self,
        turn: &mut Turn,
        object: ObjectId,
        place: (u8, u8),
        arguments: &[u8],
    ) {
        let Self { objects, desk, .. } = self;
        let outcome = match objects.get_mut(object) {
            None => Err(Rejection::UnknownObject),
            Some(entry) => {
                let mut arguments =
                    Arguments::open(Reader::new(arguments)).expect("our own stub wrote the arguments");
                desk.run(turn, entry, None, true, |slot, scene| slot.call(scene, place.1, &mut arguments))
            }
        };
        if let Err(reason) = outcome {
            self.call_rejected(None, object, place, reason);
        }
    }

    #[cold]
    fn call_rejected(
        &mut self,
        connection: Option<ConnectionId>,
        object: ObjectId,
        (role, field): (u8, u8),
        reason: Rejection,
    ) {
        let contract = self.objects.get(object).map(|entry| entry.header.contract);
        let field = contract.and_then(|contract| contract.field(role, field)).map(|(_, field)| field.name);
        self.desk.event(CallRejected { connection, object, field, reason });
    }
}

/// A call to an object of ours: visible, role, owner, types, handler, snapshot, fan-out (DESIGN section 6).
fn call_from_peer(
    desk: &mut Desk,
    turn: &mut Turn,
    connection: ConnectionId,
    entry: &mut ObjectEntry,
    place: (u8, u8),
    arguments: &mut Arguments<'_>,
) -> Result<(), Rejection> {
    let Some(sender) = desk.connections.get(connection) else { return Err(Rejection::NotVisible) };
    let is_owner = sender.repository == Some(entry.header.owner);
    let is_in_sight = !desk.routes.zoned || is_owner || sender.sees(entry.header.zone);
    if !is_in_sight || !desk.routes.shows(entry.header.type_number, sender) {
        return Err(Rejection::NotVisible);
    }
    let field = own_field(entry, place)?;
    may_call(entry, sender, place.1, field.kind, is_owner)?;
    if field.rate.is_some() {
        in_time(&mut desk.connections, desk.now, connection, entry, (place, field))?;
    }
    desk.run(turn, entry, Some(connection), true, |slot, scene| slot.call(scene, place.1, arguments))
}

/// State or a call from the node that has authority over the object.
fn field_from_authority(
    desk: &mut Desk,
    turn: &mut Turn,
    connection: ConnectionId,
    entry: &mut ObjectEntry,
    place: (u8, u8),
    arguments: &mut Arguments<'_>,
) -> Result<(), Rejection> {
    let (table, field) = field_at(entry, place)?;
    let (is_own, is_told) = (table.is_for(entry.header.side()), entry.is_complete);
    let property = match field.kind {
        FieldKind::Property { property, .. } => Some(property),
        // Snapshots replay the kept calls of every role; those of others are none of our business.
        _ if !is_own => return Ok(()),
        _ => None,
    };
    desk.run(turn, entry, Some(connection), true, |slot, scene| match property {
        Some(property) if is_own && is_told => slot.property(scene, property, arguments),
        Some(property) => slot.restore(property, arguments),
        None => slot.call(scene, place.1, arguments),
    })
}

/// The field at `place`, and whose table it is in.
#[inline]
pub(super) fn field_at(
    entry: &ObjectEntry,
    (role, field): (u8, u8),
) -> Result<(&'static RoleDescriptor, &'static FieldDescriptor), Rejection> {
    let found = entry.header.contract.field(role, field);
    let Some(found) = found else { return Err(Rejection::UnknownField { role, field }) };
    Ok(found)
}

/// The field at `place`, which must be in the table of the role whose view this node has of the object.
#[inline]
pub(super) fn own_field(entry: &ObjectEntry, place: (u8, u8)) -> Result<&'static FieldDescriptor, Rejection> {
    let (table, field) = field_at(entry, place)?;
    if table.is_for(entry.header.side()) { Ok(field) } else { Err(Rejection::WrongRole { role: place.0 }) }
}

/// Whether `sender` may make a call of this kind. Its arguments are not decoded yet.
pub(super) fn may_call(
    entry: &ObjectEntry,
    sender: &Connection,
    field: u8,
    kind: FieldKind,
    is_owner: bool,
) -> Result<(), Rejection> {
    match kind {
        FieldKind::CallToServer { from } | FieldKind::CallToBoth { from, .. } => match from {
            Caller::Anyone => Ok(()),
            Caller::Owner if is_owner => Ok(()),
            Caller::Owner => Err(Rejection::NotOwner),
            Caller::Server => Err(Rejection::NotServer),
            Caller::Accepted { by } => accepted(by, || entry.slot.0.accepts(field, sender, &entry.header)),
        },
        // Not in a server's table; a peer has no business with them anyway.
        FieldKind::Property { .. } | FieldKind::CallToClients { .. } => Err(Rejection::NotServer),
    }
}

/// Whether the call may come from that connection once more, by its own rate.
pub(super) fn in_time(
    connections: &mut Connections,
    now: Time,
    sender: ConnectionId,
    entry: &ObjectEntry,
    (place, field): ((u8, u8), &FieldDescriptor),
) -> Result<(), Rejection> {
    match field.rate.and(connections.get_mut(sender)) {
        Some(sender) => {
            let what = Paced::Field { type_number: entry.header.type_number, place };
            sender.pace(now, what, field.rate)
        }
        None => Ok(()),
    }
}

/// Asks a function of the application's whether it accepts a sender. `by` is its path.
pub(super) fn accepted(by: &'static str, ask: impl FnOnce() -> bool) -> Result<(), Rejection> {
    caught(|| if ask() { Ok(()) } else { Err(Rejection::NotAccepted { by }) })
}
