//! What goes out: calls and messages, to those who may receive them, or nowhere with a reason.
//!
//! Handlers and callers from outside send by the same functions; what a handler sends is undone with it.

use std::collections::VecDeque;

use super::connection::{Connection, Connections};
use super::event::{AnyEvent, MessageRejected, Rejection, Warning};
use super::route::{Chosen, Routes, To};
use super::scene::Effect;
use super::store::{ObjectHeader, Origin, Snapshot, Undo};
use super::stub::Target;
use crate::line::{Audience, Recipients, Topic, Turn};
use crate::schema::{FieldKind, MessageDescriptor, Persist, Receiver, Via};
use crate::wire::{EncodeFault, MAX_FRAME, Writer, encode_call, encode_custom};

/// All who may see an object.
pub(super) fn viewers(routes: &Routes, header: &ObjectHeader) -> Recipients {
    let audience = if routes.zoned {
        Audience::Zone { zone: header.zone, except: None }
    } else {
        Audience::Everyone { except: None }
    };
    routes.shown(header.type_number, audience)
}

/// Calls `send` with each audience of those who are told the state of an object: one, but for those who are being shown
/// its zone.
#[inline]
fn for_each_viewer(
    connections: &Connections,
    routes: &Routes,
    header: &ObjectHeader,
    topic: Topic,
    mut send: impl FnMut(Recipients),
) {
    send(viewers(routes, header));
    if connections.are_joining() {
        for joiner in connections.joiners(routes, header).filter(|joiner| is_told_now(joiner, topic)) {
            send(Audience::Connection(joiner.id()).into());
        }
    }
}

/// Whether a connection is not to be told something later: who is behind learns later what lasts. What is said once
/// goes to it all the same, and its edge ends it for missing that.
fn is_told_now(known: &Connection, topic: Topic) -> bool {
    !(known.is_behind() && topic.is_lasting())
}

/// Whether a connection is one of those for whom something of an object is that is not for all who see it.
pub(super) fn is_receiver(
    connections: &Connections,
    header: &ObjectHeader,
    to: Receiver,
    known: &Connection,
) -> bool {
    match to {
        Receiver::Viewers => true,
        Receiver::Owner => connections.owner(header.owner) == Some(known.id()),
        Receiver::Server => connections.servers().any(|server| server.id() == known.id()),
    }
}

/// Calls `send` with each audience of those who see an object and receive what is declared for `to` and is on `topic`.
#[inline]
pub(super) fn for_each_receiver(
    connections: &Connections,
    routes: &Routes,
    header: &ObjectHeader,
    (to, topic): (Receiver, Topic),
    send: impl FnMut(Recipients),
) {
    let sees = |known: &&Connection| {
        let is_in_sight = !routes.zoned || connections.knows(known, header.zone, header.id);
        known.is_ready() && is_in_sight && routes.shows(header.type_number, known)
    };
    let one = |known: &Connection| Audience::Connection(known.id()).into();
    let sees = |known: &&Connection| sees(known) && is_told_now(known, topic);
    match to {
        Receiver::Viewers => for_each_viewer(connections, routes, header, topic, send),
        Receiver::Owner => connections.owning(header.owner).filter(sees).map(one).into_iter().for_each(send),
        Receiver::Server => connections.servers().filter(sees).map(one).for_each(send),
    }
}

/// Whether a call that goes to `target` is one to keep: it says so, and it goes to all whom it is declared for.
pub(super) fn is_kept(header: &ObjectHeader, target: Target, (role, field): (u8, u8)) -> bool {
    let field = header.contract.field(role, field).map(|(_, field)| (field.persist, field.kind));
    let Some((Persist::Ram, FieldKind::CallToClients { to } | FieldKind::CallToBoth { to, .. })) = field
    else {
        return false;
    };
    header.origin == Origin::Here
        && matches!(
            (target, to),
            (Target::Viewers | Target::Peers, Receiver::Viewers) | (Target::Owner, Receiver::Owner)
        )
}

/// Keeps a call, where this node has a snapshot of the object, and says whether it did. What cannot be encoded is
/// reported by who sends it.
pub(super) fn keep(
    snapshot: Option<&mut Snapshot>,
    place: (u8, u8),
    scratch: &mut Vec<u8>,
    undo: &mut Undo,
    arguments: &mut dyn FnMut(&mut Writer<'_>),
) -> bool {
    let Some(snapshot) = snapshot else { return false };
    scratch.clear();
    let mut w = Writer::new(scratch);
    arguments(&mut w);
    let is_sendable = w.fault().is_none();
    if is_sendable {
        snapshot.keep(place, scratch, undo);
    }
    is_sendable
}

/// Sends a call, or queues it if this node is the one to answer.
pub(super) fn post_call(
    turn: &mut Turn,
    effects: &mut VecDeque<Effect>,
    (connections, routes): (&Connections, &Routes),
    header: &ObjectHeader,
    (target, place): (Target, (u8, u8)),
    arguments: &mut dyn FnMut(&mut Writer<'_>),
) {
    // Calls are for those who have shaken hands and may see the object.
    let one = |connection| {
        let is_viewer = |known: &&Connection| known.is_ready() && routes.shows(header.type_number, known);
        let known = connections.get(connection).filter(is_viewer)?;
        Some(Audience::Connection(known.id()).into())
    };
    let mut is_for_viewers = false;
    let recipients = match (target, header.origin) {
        (Target::Viewers, _) | (Target::Peers, Origin::Here) => {
            is_for_viewers = true;
            Some(viewers(routes, header))
        }
        (Target::Connection(connection), _) => one(connection),
        (Target::Server | Target::Peers, Origin::Peer(connection)) => {
            Some(Audience::Connection(connection).into())
        }
        (Target::Owner, _) => connections.owner(header.owner).and_then(one),
        (Target::Server, Origin::Here) => {
            effects.push_back(local_call(header, place, arguments));
            return;
        }
    };
    let Some(recipients) = recipients else { return };
    let via = header.contract.field(place.0, place.1).map_or(Via::Reliable, |(_, field)| field.via);
    let recipients: Recipients = recipients.via(via);
    let object = header.id.to_u64();
    let topic = Topic::Call(object);
    let sent =
        send_checked(turn, recipients, topic, |w| encode_call(w, object, place.0, place.1, &mut *arguments));
    if let Err(fault) = sent {
        effects.push_back(Effect::Event(not_sent(header, place, fault)));
    } else if is_for_viewers && connections.are_joining() {
        for joiner in connections.joiners(routes, header) {
            let joiner = Audience::Connection(joiner.id()).into();
            let sent = send_checked(turn, joiner, topic, |w| {
                encode_call(w, object, place.0, place.1, &mut *arguments)
            });
            sent.expect("the same was sent just now");
        }
    }
}

fn local_call(header: &ObjectHeader, place: (u8, u8), arguments: &mut dyn FnMut(&mut Writer<'_>)) -> Effect {
    let mut bytes = Vec::new();
    let mut w = Writer::new(&mut bytes);
    arguments(&mut w);
    match w.fault() {
        Some(fault) => Effect::Event(not_sent(header, place, fault)),
        None => Effect::LocalCall { object: header.id, place, arguments: bytes },
    }
}

fn not_sent(header: &ObjectHeader, place: (u8, u8), fault: EncodeFault) -> AnyEvent {
    let field = field_name(header, place);
    let text = format!("`{field}` of {} was not sent: {fault}", header.id);
    Warning { connection: None, text }.into()
}

/// The name of a field, for events.
pub(super) fn field_name(header: &ObjectHeader, place: (u8, u8)) -> &'static str {
    header.contract.field(place.0, place.1).map_or("?", |(_, field)| field.name)
}

/// Sends a message to those to whom this node may.
pub(super) fn post_message(
    turn: &mut Turn,
    connections: &Connections,
    routes: &Routes,
    to: To<'_>,
    message: &'static MessageDescriptor,
    params: &mut dyn FnMut(&mut Writer<'_>),
) -> Result<(), AnyEvent> {
    let refuse = |reason| MessageRejected { connection: None, id: message.id, reason }.into();
    let chosen = routes.choose(to, message, connections);
    let write = |w: &mut Writer<'_>| encode_custom(w, message.id, params);
    let sent = match chosen.ok_or_else(|| refuse(Rejection::WrongDirection))? {
        Chosen::Set(recipients) => send_checked(turn, recipients.via(message.via), Topic::Other, write),
        Chosen::Each(connections) => turn.send_each(connections, message.via, |out| checked(out, write)),
    };
    sent.map_err(|fault| refuse(fault.into()))
}

/// Appends a message to the turn, unless it cannot be sent.
fn send_checked(
    turn: &mut Turn,
    recipients: Recipients,
    topic: Topic,
    write: impl FnOnce(&mut Writer<'_>),
) -> Result<(), EncodeFault> {
    turn.send(recipients, topic, |out| checked(out, write))
}

/// Appends a message, and says whether it can be sent.
fn checked(out: &mut Vec<u8>, write: impl FnOnce(&mut Writer<'_>)) -> Result<(), EncodeFault> {
    let start = out.len();
    let mut w = Writer::new(out);
    write(&mut w);
    w.fault().map_or(Ok(()), Err)?;
    let len = out.len() - start;
    if len > MAX_FRAME { Err(EncodeFault::TooLarge(len)) } else { Ok(()) }
}
