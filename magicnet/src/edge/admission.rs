//! Which message may come from whom and when: the handshake, the directions, shared parameters.

use super::Edge;
use super::fault::Fault;
use super::link::Stage;
use crate::line::{Audience, ConnectionId, Ending, HandleUpstream, Opening, Topic, Upstream};
use crate::time::Time;
use crate::wire::{DecodeError, DisconnectReason, MessageId, ProtocolMessage, RawMessage};

/// The version of the protocol that this crate speaks.
const PROTOCOL_VERSION: u16 = 3;

/// Shared parameters that only the server sets.
const RESERVED: [&str; 2] = ["rp", "mn"];

impl Edge {
    /// Handles a message or passes it up.
    pub(super) fn message(
        &mut self,
        now: Time,
        connection: ConnectionId,
        raw: &RawMessage<'_>,
        world: &mut impl HandleUpstream,
    ) -> Result<(), Fault> {
        let link = &self.links[connection];
        let from_client = link.opening == Opening::Accepted;
        match raw.id {
            MessageId::MOTD if from_client => self.ignore(connection, "a MOTD from a client", world),
            MessageId::MOTD
            | MessageId::HELLO
            | MessageId::DISCONNECT
            | MessageId::SHUTDOWN
            | MessageId::SHARED_PARAMETER => {
                let message = ProtocolMessage::decode(raw).expect("these ids are the protocol's own");
                let message = message.map_err(|error| bad_parameters(raw.id, &error))?;
                self.handshake_message(now, connection, message, world)?;
            }
            // Version 3 ignores what it does not know, and that is all that was agreed on with this peer.
            id if id.is_extension() && !link.extensions.knows(id) || id.0 == 0 => {
                self.ignore(connection, &format!("{id}, which this version does not know"), world);
            }
            MessageId::HEARTBEAT => {
                let message = ProtocolMessage::decode(raw).expect("this id is the protocol's own");
                let message = message.map_err(|error| bad_parameters(raw.id, &error))?;
                if let ProtocolMessage::Heartbeat { number, is_answer } = message {
                    self.heartbeat(now, connection, (number, is_answer), world);
                }
            }
            id if is_wrong_direction(id, from_client) => return Err(Fault::WrongDirection(id)),
            id => {
                if !link.is_shaken() && !self.config.before_handshake.contains(&id) {
                    return Err(Fault::BeforeHello(id));
                }
                self.tell(world, Upstream::Message { connection, message: raw });
            }
        }
        Ok(())
    }

    fn handshake_message(
        &mut self,
        now: Time,
        connection: ConnectionId,
        message: ProtocolMessage<'_>,
        world: &mut impl HandleUpstream,
    ) -> Result<(), Fault> {
        match message {
            ProtocolMessage::Motd { text } => self.motd(connection, text, world),
            ProtocolMessage::Hello { version, hash } => self.hello(connection, version, hash, world)?,
            ProtocolMessage::SharedParameter { name, value } => {
                self.parameter(connection, name, value, world)?
            }
            ProtocolMessage::Disconnect { reason, detail } => {
                let ending =
                    Ending::ByPeer { reason: DisconnectReason(reason), detail: detail.map(str::to_owned) };
                self.end(now, connection, None, &ending, world);
            }
            _ => self.end(now, connection, None, &Ending::PeerShutdown, world),
        }
        Ok(())
    }

    /// A server's greeting, which a client answers. From then on the client may speak.
    fn motd(&mut self, connection: ConnectionId, text: Option<&str>, world: &mut impl HandleUpstream) {
        if self.links[connection].stage != Stage::AwaitMotd {
            return self.ignore(connection, "a second MOTD", world);
        }
        let Self { config, log, .. } = self;
        let audience = Audience::Connection(connection);
        if let Some(value) = &config.announcement {
            let announcement = ProtocolMessage::SharedParameter { name: "mn", value };
            log.turn.send_message(audience, Topic::Other, |out| announcement.encode(out));
        }
        let hello = ProtocolMessage::Hello { version: PROTOCOL_VERSION, hash: &config.hash };
        log.turn.send_message(audience, Topic::Other, |out| hello.encode(out));
        self.links[connection].stage = Stage::AwaitAdmission;
        self.tell(world, Upstream::Greeted { connection, motd: text });
    }

    fn hello(
        &mut self,
        connection: ConnectionId,
        version: u16,
        hash: &[u8],
        world: &mut impl HandleUpstream,
    ) -> Result<(), Fault> {
        match self.links[connection].stage {
            _ if self.links[connection].opening != Opening::Accepted => {
                Err(Fault::WrongDirection(MessageId::HELLO))
            }
            Stage::AwaitHello if version != PROTOCOL_VERSION => Err(Fault::WrongVersion(version)),
            Stage::AwaitHello if hash != self.config.hash => Err(Fault::WrongHash),
            Stage::AwaitHello => {
                let link = &mut self.links[connection];
                link.stage = Stage::AwaitAdmission;
                self.pending.greet(&mut link.counted);
                self.tell(world, Upstream::Greeted { connection, motd: None });
                Ok(())
            }
            _ => Err(Fault::HelloTwice),
        }
    }

    fn parameter(
        &mut self,
        connection: ConnectionId,
        name: &str,
        value: &[u8],
        world: &mut impl HandleUpstream,
    ) -> Result<(), Fault> {
        let limits = &self.config.limits;
        let link = &mut self.links[connection];
        let is_announcement = name == "mn" && link.stage == Stage::AwaitHello;
        if link.opening == Opening::Accepted && RESERVED.contains(&name) && !is_announcement {
            let what = format!("the shared parameter {name}, which is the server's to set");
            self.ignore(connection, &what, world);
            return Ok(());
        }
        if link.stage == Stage::AwaitMotd && name == "rp" {
            self.ignore(connection, "a repository before the greeting", world);
            return Ok(());
        }
        if value.len() > limits.parameter_size {
            return Err(Fault::LargeParameter(limits.parameter_size));
        }
        let is_early = link.stage == Stage::AwaitHello;
        let limit = if is_early { limits.early_parameter_bytes } else { limits.parameter_bytes };
        let len = name.len() + value.len();
        let others = link.parameters.iter().filter(|(known, _)| &**known != name);
        if others.map(|(_, len)| len).sum::<usize>() + len > limit {
            return Err(Fault::LargeParameters(limit));
        }
        if let Some((_, before)) = link.parameters.iter_mut().find(|(known, _)| &**known == name) {
            *before = len;
        } else {
            if link.parameters.len() == limits.parameters {
                return Err(Fault::TooManyParameters(limits.parameters));
            }
            // Most have one or two, and no room for more.
            link.parameters.reserve_exact(1);
            link.parameters.push((name.into(), len));
        }
        self.tell(world, Upstream::Parameter { connection, name, value });
        Ok(())
    }

    fn ignore(&mut self, connection: ConnectionId, what: &str, world: &mut impl HandleUpstream) {
        self.tell(world, Upstream::Ignored { connection, what });
    }
}

/// Whether the side that sent a message of the protocol's is not the one that sends such messages.
fn is_wrong_direction(id: MessageId, from_client: bool) -> bool {
    match id {
        MessageId::CREATE_OBJECT | MessageId::REQUEST_DELETE_OBJECT | MessageId::REQUEST_VISIBLE_OBJECTS => {
            !from_client
        }
        MessageId::GENERATE_OBJECT
        | MessageId::DESTROY_OBJECT
        | MessageId::OBJECT_GENERATE_DONE
        | MessageId::ZONE_COMPLETE
        | MessageId::ZONES_SHOWN => from_client,
        _ => false,
    }
}

fn bad_parameters(id: MessageId, error: &DecodeError) -> Fault {
    Fault::BadParameters { id, what: error.to_string() }
}
