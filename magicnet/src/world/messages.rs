//! Messages of applications: who may send what, and the handler that takes it.

use super::World;
use super::calls::accepted;
use super::connection::Paced;
use super::cx::MessageCx;
use super::event::{MessageRejected, Rejection};
use super::registry::{HandlerEntry, HandlerError};
use crate::line::{ConnectionId, Disconnect, Turn};
use crate::schema::Allow;
use crate::wire::RawMessage;

impl World {
    pub(super) fn custom_message(&mut self, turn: &mut Turn, connection: ConnectionId, raw: &RawMessage<'_>) {
        let outcome = self.message_handler(connection, raw).and_then(|handler| {
            let mut ending = None;
            let outcome = self.desk.run_free(turn, connection, |scene| {
                let mut cx = MessageCx::new(scene, connection);
                (handler.call)(&mut cx, &mut raw.params.clone()).map_err(|error| match error {
                    HandlerError::Arguments(error) => Rejection::Arguments(error),
                    HandlerError::Disconnect(why) => Rejection::ByHandler(ending.insert(why).detail.clone()),
                })
            });
            if let Some(Disconnect { reason, detail }) = ending {
                turn.close(connection, reason, &detail);
            }
            outcome
        });
        if let Err(reason) = outcome {
            self.desk.event(MessageRejected { connection: Some(connection), id: raw.id, reason });
        }
    }

    /// The handler of a message that this peer may send now.
    fn message_handler(
        &mut self,
        connection: ConnectionId,
        raw: &RawMessage<'_>,
    ) -> Result<&'static HandlerEntry, Rejection> {
        let message = self.registry.message(raw.id).ok_or(Rejection::Unhandled)?;
        let sender = self.desk.connections.get(connection).ok_or(Rejection::Unhandled)?;
        if !message.from.allows(sender.role()) {
            return Err(Rejection::WrongDirection);
        }
        let handler = self.registry.handler(raw.id, sender.own_role()).ok_or(Rejection::Unhandled)?;
        if let Some(Allow { by, accepts }) = handler.allow {
            accepted(by, || accepts(sender))?;
        }
        if let Some(sender) = message.rate.and(self.desk.connections.get_mut(connection)) {
            sender.pace(self.desk.now, Paced::Message(raw.id), message.rate)?;
        }
        Ok(handler)
    }
}
