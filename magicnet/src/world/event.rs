//! Events: what a node tells those who operate it.

use core::net::SocketAddr;
use std::borrow::Cow;
use std::fmt;

use super::id::ObjectId;
use crate::line::Disconnect;
use crate::line::{ConnectionId, Ending, ZoneId};
use crate::rate::Rate;
use crate::schema::Mismatch;
use crate::wire::{DecodeError, EncodeFault, MessageId};

/// A typed event, for [`NodeBuilder::on`](crate::NodeBuilder::on).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event",
    label = "not an event",
    note = "a handler takes its event by value: `.on(|cx, event: Connected| ..)`; `.on_any(..)` takes all of them"
)]
pub trait Event: sealed::Event {}

mod sealed {
    #[expect(unnameable_types, reason = "sealed: nobody outside implements it")]
    pub trait Event: Sized + 'static {
        fn of(event: &super::AnyEvent) -> Option<&Self>;
    }
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident: $type:ty,)* })*) => {
        /// Any of the typed events.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum AnyEvent {
            $($(#[$doc])* $name($name),)*
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Debug)]
            #[non_exhaustive]
            pub struct $name {
                $($(#[$member_doc])* pub $member: $type,)*
            }

            impl From<$name> for AnyEvent {
                fn from(event: $name) -> Self {
                    Self::$name(event)
                }
            }

            impl Event for $name {}

            impl sealed::Event for $name {
                fn of(event: &AnyEvent) -> Option<&Self> {
                    match event {
                        AnyEvent::$name(event) => Some(event),
                        _ => None,
                    }
                }
            }
        )*
    };
}

events! {
    /// The node is about to open its endpoints: nobody is connected yet. Objects that are to be there from the
    /// beginning are made now. It comes once.
    BeforeLaunch {}
    /// The node is about to shut down. What is sent now still goes to all who are connected, before they are told of
    /// the end. It comes once.
    BeforeShutdown {
        /// What the peers will be told; nothing but that it is the end if there is no reason.
        why: Option<Disconnect>,
    }
    /// A handshake is finished: both sides know each other's place, messages and objects may go.
    Connected {
        /// The connection.
        connection: ConnectionId,
    }
    /// A connection is over, whether its handshake was finished or not.
    Disconnected {
        /// The connection; its context is there until the handlers of this event have returned.
        connection: ConnectionId,
        /// Whether there was a [`Connected`] before.
        was_connected: bool,
        /// How it ended.
        ending: Ending,
    }
    /// A connection came for which there was no place: as many are there as [`Limits`](crate::Limits) allow, in all or
    /// from where it came. It was let go.
    TurnedAway {
        /// Where it came from, if it has an address.
        remote: Option<SocketAddr>,
        /// Why, in a few words.
        why: String,
    }
    /// A server greeted this node.
    MotdReceived {
        /// The connection to it.
        connection: ConnectionId,
        /// Its message of the day.
        motd: Option<String>,
    }
    /// The other side set a shared parameter.
    ParameterChanged {
        /// The connection, which holds the value.
        connection: ConnectionId,
        /// The parameter's name.
        name: String,
    }
    /// A server has shown everything in a zone that this node did not see before. Only servers that
    /// [show zones by themselves](crate::Interest) say so.
    ZoneComplete {
        /// The connection to it.
        connection: ConnectionId,
        /// The zone.
        zone: ZoneId,
    }
    /// A call was refused. Nothing of it was kept or passed on.
    CallRejected {
        /// Who made it; `None` for this node itself.
        connection: Option<ConnectionId>,
        /// The object.
        object: ObjectId,
        /// The field's name, if the object and the field are known.
        field: Option<&'static str>,
        /// Why.
        reason: Rejection,
    }
    /// A request about objects was refused.
    RequestRejected {
        /// Who made it.
        connection: ConnectionId,
        /// What was asked for.
        request: Request,
        /// Why.
        reason: Rejection,
    }
    /// A message of the application's was refused.
    MessageRejected {
        /// Who sent it; `None` for this node itself.
        connection: Option<ConnectionId>,
        /// Its number.
        id: MessageId,
        /// Why.
        reason: Rejection,
    }
    /// A peer was built from other contracts or messages than this node.
    SchemaMismatch {
        /// The connection, which is about to end.
        connection: ConnectionId,
        /// Every difference, readably.
        mismatch: Mismatch,
    }
    /// Something that was passed over, and that an operator may want to know.
    Warning {
        /// The connection that it came from, if it came from one.
        connection: Option<ConnectionId>,
        /// A sentence.
        text: String,
    }
}

impl AnyEvent {
    /// The event as an `E`, if it is one.
    pub fn downcast<E: Event>(&self) -> Option<&E> {
        E::of(self)
    }
}

/// A request about objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// To create an object, which the peer calls by this local id.
    Create {
        /// The local id.
        local_id: u32,
    },
    /// To make a call as part of a creation.
    CallInCreation {
        /// The object being created.
        object: ObjectId,
        /// The role's number of the field.
        role: u8,
        /// The field's number.
        field: u8,
    },
    /// To delete an object.
    Delete {
        /// The object.
        object: ObjectId,
    },
    /// To see other zones.
    Zones,
    /// To be shown everything that it sees.
    VisibleObjects,
}

/// Why something was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// There is no such object.
    #[error("there is no such object")]
    UnknownObject,
    /// The object is in no zone that the peer sees.
    #[error("the peer does not see the object")]
    NotVisible,
    /// The role's table has no such field.
    #[error("role {role} has no field {field}")]
    UnknownField {
        /// The role's number.
        role: u8,
        /// The field's number.
        field: u8,
    },
    /// The field belongs to another role than this node's: its own state and calls are not for peers to make.
    #[error("fields of role {role} cannot be set by a peer")]
    WrongRole {
        /// The role's number.
        role: u8,
    },
    /// Only the object's owner may.
    #[error("only the object's owner may")]
    NotOwner,
    /// Only nodes with authority may.
    #[error("only the server may")]
    NotServer,
    /// A function of the application's, which the contract or the message names, does not accept the sender.
    #[error("`{by}` does not accept the sender")]
    NotAccepted {
        /// The path of the function, as it is written.
        by: &'static str,
    },
    /// More often than the call or the message may come from one connection, `rate = ...`, or more zones than it may
    /// [name](crate::Limits::zones_named).
    #[error("more often than {rate}")]
    Rate {
        /// How often it may.
        rate: Rate,
    },
    /// The message is not for this direction.
    #[error("nodes of this role do not take it")]
    WrongDirection,
    /// Nobody handles it here.
    #[error("nothing here handles it")]
    Unhandled,
    /// The arguments are not of the declared types.
    #[error(transparent)]
    Arguments(#[from] DecodeError),
    /// The handler said no.
    #[error("rejected: {0}")]
    ByHandler(Cow<'static, str>),
    /// The handler panicked.
    #[error("the handler panicked: {0}")]
    Panicked(String),
    /// A value cannot be sent.
    #[error(transparent)]
    NotSendable(#[from] EncodeFault),
    /// The local id is taken.
    #[error("the local id is in use")]
    LocalIdInUse,
    /// The zone is not one that the peer may use.
    #[error("{0} is not open to the peer")]
    ZoneNotAllowed(ZoneId),
    /// A limit of this node's would be crossed.
    #[error("more than {limit} {of}")]
    Limit {
        /// The number allowed.
        limit: usize,
        /// Of what.
        of: &'static str,
    },
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { local_id } => write!(f, "creation of local id {local_id}"),
            Self::CallInCreation { object, role, field } => {
                write!(f, "call of field {field} of role {role} in the creation of {object}")
            }
            Self::Delete { object } => write!(f, "deletion of {object}"),
            Self::Zones => f.write_str("change of zones"),
            Self::VisibleObjects => f.write_str("request for visible objects"),
        }
    }
}
