//! What those who begin to see an object get of it.

use super::id::ObjectId;
use super::post::{for_each_receiver, is_receiver};
use super::scene::Desk;
use super::store::{ObjectEntry, ObjectHeader};
use crate::line::{Audience, ConnectionId, Recipients, Topic, Turn};
use crate::schema::{FieldKind, Receiver};
use crate::wire::{ProtocolMessage, Writer, encode_call};

impl Desk {
    /// GENERATE, a SET for each property and each kept call, DONE. What is not for everyone goes to those of the
    /// audience whom it is for, in its place.
    pub(super) fn generate(&self, turn: &mut Turn, entry: &ObjectEntry, to: impl Into<Recipients>) {
        let recipients = to.into();
        let ObjectHeader { id, contract, .. } = entry.header;
        let object = id.to_u64();
        let topic = Topic::Lifecycle(object);
        turn.send_message(recipients, topic, |out| generation(entry).encode(out));
        for property in 0..entry.snapshot.properties() {
            if let Some((role, number, field)) = contract.property(property)
                && let FieldKind::Property { to, .. } = field.kind
            {
                let arguments = entry.snapshot.property(property);
                self.show(turn, &entry.header, (recipients, to), (role, number), arguments);
            }
        }
        for (place, arguments) in entry.snapshot.calls() {
            let to = match contract.field(place.0, place.1).map(|(_, field)| field.kind) {
                Some(FieldKind::CallToClients { to } | FieldKind::CallToBoth { to, .. }) => to,
                _ => Receiver::Viewers,
            };
            self.show(turn, &entry.header, (recipients, to), place, arguments);
        }
        turn.send_message(recipients, topic, |out| {
            ProtocolMessage::ObjectGenerateDone { object }.encode(out)
        });
    }

    /// One SET, for those of the audience who receive it.
    fn show(
        &self,
        turn: &mut Turn,
        header: &ObjectHeader,
        (recipients, to): (Recipients, Receiver),
        (role, field): (u8, u8),
        arguments: &[u8],
    ) {
        let object = header.id.to_u64();
        let topic = Topic::Lifecycle(object);
        let mut send = |recipients: Recipients| {
            turn.send_message(recipients, topic, |out| {
                encode_call(&mut Writer::new(out), object, role, field, |w| w.raw(arguments));
            });
        };
        if to == Receiver::Viewers {
            return send(recipients);
        }
        if let Audience::Connection(one) = recipients.audience {
            // It is being shown the object, whatever it knew before.
            let is_meant = |known| is_receiver(&self.connections, header, to, known);
            return if self.connections.get(one).is_some_and(is_meant) {
                send(recipients)
            };
        }
        for_each_receiver(&self.connections, &self.routes, header, (to, topic), |receiver| {
            let Audience::Connection(one) = receiver.audience else { return };
            if self
                .connections
                .get(one)
                .is_some_and(|known| self.connections.is_in(recipients.audience, known))
            {
                send(receiver);
            }
        });
    }
}

/// DESTROY, for one connection.
pub(super) fn send_end(turn: &mut Turn, connection: ConnectionId, object: ObjectId) {
    let object = object.to_u64();
    turn.send_message(Audience::Connection(connection), Topic::Lifecycle(object), |out| {
        ProtocolMessage::DestroyObject { object }.encode(out);
    });
}

/// GENERATE: what is said of an object besides its state.
pub(super) fn generation(entry: &ObjectEntry) -> ProtocolMessage<'static> {
    let ObjectHeader { id, type_number, owner, zone, .. } = entry.header;
    ProtocolMessage::GenerateObject { object: id.to_u64(), type_number, owner: owner.0, zone: zone.0 }
}
