//! Networked objects and messages, typed and checked at compile time.

extern crate self as magicnet;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod drive;
mod edge;
pub mod line;
mod node;
pub mod prelude;
pub mod schema;
mod time;
pub mod wire;
mod world;

pub use drive::TickError;
#[cfg(feature = "tokio")]
pub use drive::tokio::{Running, StartError};
pub use line::{ConnectionId, Ending, ZoneId};
pub use magicnet_derive::{NetworkType, message, message_handler, network_field, network_object};
pub use node::{
    BuildError, Connect, ConnectError, Limits, Listen, Node, NodeBuilder, NodeHandle, Stopped, Tcp, Transmit,
    Work, memory,
};
pub use schema::{Manifest, Message, Role};
pub use time::Time;
pub use wire::{
    AnyValue, Bytes, Decode, DecodeError, DisconnectReason, List, MessageId, NetworkType, OutOfRange, Ranged,
    Str, Text, TooLong, Value,
};
pub use world::{
    AnyEvent, CallRejected, Connected, Connection, Contract, Create, CreateError, Cx, Disconnect,
    Disconnected, Event, MessageCx, MessageHandler, MessageRejected, MotdReceived, NodeCx, Object, ObjectId,
    ObjectRef, Owned, ParameterChanged, RegistryProblem, Rejection, Repository, Request, RequestRejected,
    SchemaMismatch, View, Warning, Zones,
};
