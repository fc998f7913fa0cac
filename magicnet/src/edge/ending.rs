//! How connections end: by a fault of theirs, by our word, with the node, or by themselves.

use super::Edge;
use super::fault::Fault;
use super::link::{Link, Stage};
use crate::line::{ConnectionId, Ending, HandleUpstream, Opening, Upstream};
use crate::time::Time;
use crate::wire::{DisconnectReason, ProtocolMessage};

impl Edge {
    #[cold]
    pub(super) fn fail(
        &mut self,
        now: Time,
        connection: ConnectionId,
        fault: &Fault,
        world: &mut impl HandleUpstream,
    ) {
        // It has had its goodbye, which is not dropped for what is found out afterwards.
        if self.links.get(connection).is_none_or(|link| link.stage == Stage::Closing) {
            return;
        }
        tracing::debug!(connection = %self.name(connection), %fault, "a connection is ended");
        if let (Some(link), Fault::TooSlow(_) | Fault::Missed) = (self.links.get_mut(connection), fault)
            // Where bytes pass through middleware, one frame may not be read without those before it.
            && link.passage.as_ref().is_none_or(|passage| !passage.has_bytes())
        {
            link.kept.drop_whole_frames();
        }
        self.disconnect(now, connection, fault.reason(), fault.detail(), world);
    }

    #[cold]
    pub(super) fn disconnect(
        &mut self,
        now: Time,
        connection: ConnectionId,
        reason: DisconnectReason,
        detail: Option<String>,
        world: &mut impl HandleUpstream,
    ) {
        let ending = Ending::ByUs { reason, detail };
        self.end(now, connection, Some(&goodbye(&ending)), &ending, world);
    }

    /// Ends all connections, and those that come from now on.
    #[cold]
    pub(super) fn shutdown(&mut self, now: Time, ending: Ending, world: &mut impl HandleUpstream) {
        let ending = self.shut.get_or_insert(ending).clone();
        let connections: Vec<ConnectionId> = self.links.keys().collect();
        for connection in connections {
            let link = &self.links[connection];
            if link.opening == Opening::Dialed && link.stage == Stage::Active {
                self.leave(now, connection, &ending);
            } else {
                self.end(now, connection, Some(&goodbye(&ending)), &ending, world);
            }
        }
    }

    /// Says goodbye to a server, and hears it out until it closes: its answers may be on their way.
    fn leave(&mut self, now: Time, connection: ConnectionId, ending: &Ending) {
        self.catch_up(connection);
        let link = &mut self.links[connection];
        link.stage = Stage::Leaving;
        self.log.dismiss(connection, link.group);
        self.say_goodbye(connection, &goodbye(ending));
        self.enqueue(connection);
        self.closings.push_back((now + self.config.limits.closing_timeout, connection));
    }

    /// Ends a connection: it leaves all audiences, gets what was sent to it and `goodbye`, and the world is told.
    pub(super) fn end(
        &mut self,
        now: Time,
        connection: ConnectionId,
        goodbye: Option<&ProtocolMessage<'_>>,
        ending: &Ending,
        world: &mut impl HandleUpstream,
    ) {
        self.catch_up(connection);
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        let stage = std::mem::replace(&mut link.stage, Stage::Closing);
        if stage == Stage::Closing {
            return;
        }
        self.pending.settle(&mut link.counted);
        link.parting = Parting::of(ending);
        self.log.dismiss(connection, link.group);
        for zone in link.take_zones() {
            self.log.unsubscribe(connection, zone);
        }
        link.parameters = Vec::new();
        // Who is leaving has said it.
        if let Some(goodbye) = goodbye.filter(|_| stage != Stage::Leaving) {
            self.say_goodbye(connection, goodbye);
        }
        self.closings.push_back((now + self.config.limits.closing_timeout, connection));
        self.enqueue(connection);
        self.tell(world, Upstream::Closed { connection, ending });
    }

    /// The last word to a connection: nothing that is sent from now on goes behind it.
    pub(super) fn say_goodbye(&mut self, connection: ConnectionId, goodbye: &ProtocolMessage<'_>) {
        let mut bytes = Vec::new();
        goodbye.encode(&mut bytes);
        if let Some(link) = self.links.get_mut(connection) {
            self.log.say_goodbye(link, &bytes);
        }
    }

    /// Lets go of a closing connection that has nothing left to send.
    pub(super) fn finish_closing(&mut self, connection: ConnectionId) {
        let is_done = self
            .links
            .get(connection)
            .is_some_and(|link| link.stage == Stage::Closing && link.kept.is_empty());
        if is_done {
            self.remove(connection);
        }
    }

    pub(super) fn remove(&mut self, connection: ConnectionId) {
        if let Some(link) = self.forget(connection) {
            self.closed.push_back((connection, link.parting));
        }
    }

    /// Forgets a connection, if it was there.
    pub(super) fn forget(&mut self, connection: ConnectionId) -> Option<Link> {
        let mut link = self.links.remove(connection)?;
        self.pending.settle(&mut link.counted);
        self.config.census.leave(&mut link.counted);
        Some(link)
    }
}

/// How a connection ends, for transports that have words of their own for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parting {
    /// The other side wanted it so.
    Plain,
    /// This node ends.
    Shutdown,
    /// This node has a reason.
    Reason(DisconnectReason),
    /// There was no place for it, for this reason. It is not waited for: it would take a place.
    TurnedAway(DisconnectReason),
}

impl Parting {
    fn of(ending: &Ending) -> Self {
        match ending {
            Ending::ByUs { reason, .. } => Self::Reason(*reason),
            Ending::Shutdown => Self::Shutdown,
            _ => Self::Plain,
        }
    }
}

/// The last word to a peer, if we are the ones to say it.
pub(super) fn goodbye(ending: &Ending) -> ProtocolMessage<'_> {
    match ending {
        Ending::ByUs { reason, detail } => {
            let detail = detail.as_deref().map(cut);
            ProtocolMessage::Disconnect { reason: reason.0, detail }
        }
        _ => ProtocolMessage::Shutdown,
    }
}

/// What a peer is told has room for 64 characters.
fn cut(text: &str) -> &str {
    text.char_indices().nth(64).map_or(text, |(end, _)| &text[..end])
}
