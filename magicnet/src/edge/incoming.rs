//! What comes in: from a datagram to its messages, each of which is handled before the next is looked at.

use super::Edge;
use super::fault::Fault;
use super::link::Stage;
use crate::line::{ConnectionId, HandleUpstream, Upstream};
use crate::time::Time;
use crate::wire::{MAX_FRAME, MessageError, MessageId, RawMessage, ScanError};

impl Edge {
    /// A datagram of messages in msgpack.
    pub(super) fn datagram(
        &mut self,
        now: Time,
        connection: ConnectionId,
        datagram: &[u8],
        world: &mut impl HandleUpstream,
    ) {
        self.messages(now, connection, datagram, world, Self::message);
    }

    /// A datagram as an endpoint with middleware or a decoder gets it.
    pub(super) fn encoded_datagram(
        &mut self,
        now: Time,
        connection: ConnectionId,
        datagram: &[u8],
        world: &mut impl HandleUpstream,
    ) {
        let limits = self.config.limits.scan();
        let Some(passage) = self
            .links
            .get_mut(connection)
            .filter(|link| link.stage != Stage::Closing)
            .and_then(|link| link.passage.as_mut())
        else {
            return;
        };
        let mut received = std::mem::take(&mut self.received);
        match passage.receive(datagram, limits, &mut received) {
            Ok(messages) => {
                let messages = messages.unwrap_or_default();
                self.messages(now, connection, messages, world, Self::passing_message);
            }
            Err(fault) => {
                self.fail(now, connection, &fault, world);
                self.apply(now, world);
            }
        }
        self.received = received;
    }

    /// Messages that travelled beside the stream; `number` is there if they are sequenced.
    pub(crate) fn handle_datagram(
        &mut self,
        now: Time,
        connection: ConnectionId,
        number: Option<u32>,
        datagram: &[u8],
        world: &mut impl HandleUpstream,
    ) {
        let Some(link) = self.links.get_mut(connection) else { return };
        if link.is_metered()
            && let Err(fault) = link.meter.bytes(now, &self.config.limits, datagram.len())
        {
            self.fail(now, connection, &fault, world);
            return self.apply(now, world);
        }
        // It may have overtaken the handshake: then it is lost. So it is if nothing was agreed on.
        if !link.is_shaken() || link.beside.is_none() {
            return;
        }
        self.messages(now, connection, datagram, world, |edge, now, connection, raw, world| {
            if !raw.id.is_custom() && raw.id != MessageId::SET_OBJECT_FIELD {
                return Err(Fault::BesideStream(raw.id));
            }
            let beside = edge.links[connection].beside.as_mut();
            if let (Some(number), Some(beside)) = (number, beside)
                && !beside.is_newest(raw, number)
            {
                return Ok(());
            }
            edge.message(now, connection, raw, world)
        });
    }

    /// Handles messages one after the other, by `handle`.
    fn messages<W: HandleUpstream>(
        &mut self,
        now: Time,
        connection: ConnectionId,
        mut messages: &[u8],
        world: &mut W,
        handle: impl Fn(&mut Self, Time, ConnectionId, &RawMessage<'_>, &mut W) -> Result<(), Fault>,
    ) {
        let limits = self.config.limits.scan();
        // Nothing that follows the end of a connection is looked at.
        while let Some(link) = self.links.get_mut(connection).filter(|link| link.stage != Stage::Closing) {
            match RawMessage::next(&mut messages, limits) {
                None => return,
                Some(Ok(raw)) => {
                    let metered = match link.is_metered() {
                        true => link.meter.message(now, &self.config.limits),
                        false => Ok(()),
                    };
                    if let Err(fault) = metered.and_then(|()| handle(self, now, connection, &raw, world)) {
                        self.fail(now, connection, &fault, world);
                    }
                    self.apply(now, world);
                }
                Some(Err(error)) => return self.bad_datagram(now, connection, error, world),
            }
        }
    }

    /// Lets a message pass through the endpoint's middleware before it is handled.
    fn passing_message(
        &mut self,
        now: Time,
        connection: ConnectionId,
        raw: &RawMessage<'_>,
        world: &mut impl HandleUpstream,
    ) -> Result<(), Fault> {
        if raw.bytes.len() > MAX_FRAME {
            return Err(Fault::Unpacked(raw.bytes.len()));
        }
        let Some(passage) = self.links[connection].passage.as_mut().filter(|passage| passage.has_messages())
        else {
            return self.message(now, connection, raw, world);
        };
        let mut changed = std::mem::take(&mut self.changed);
        let outcome = match passage.receive_message(raw, &mut changed) {
            Ok(Some(mut bytes)) => match RawMessage::next(&mut bytes, self.config.limits.scan()) {
                Some(Ok(raw)) => self.message(now, connection, &raw, world),
                // What a middleware makes is held to the same limits.
                Some(Err(error)) => Err(Fault::Malformed(error)),
                None => unreachable!("a message is never empty"),
            },
            Ok(None) => Ok(()),
            Err(fault) => Err(fault),
        };
        self.changed = changed;
        outcome
    }

    #[cold]
    fn bad_datagram(
        &mut self,
        now: Time,
        connection: ConnectionId,
        error: MessageError,
        world: &mut impl HandleUpstream,
    ) {
        if error == MessageError::Scan(ScanError::Incomplete) {
            // v3 ignores it (PROTOCOL "Bytes").
            let what = "an incomplete message at the end of a datagram";
            self.tell(world, Upstream::Ignored { connection, what });
        } else {
            self.fail(now, connection, &error.into(), world);
        }
        self.apply(now, world);
    }
}
