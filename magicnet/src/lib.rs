//! Networked objects and messages, typed and checked at compile time.
//!
//! You write down once what an object is: its state, and who may call what on it. From that contract the macros make
//! everything between two processes: the bytes, the checks on both sides, typed stubs for every call, and replication
//! of the state to whoever may see it, late joiners included. The same code runs inside one process, over TCP, and
//! with peers of the Python library [MagicNet](https://pypi.org/project/magicnet/), whose protocol it speaks.
//!
//! # A whole program
//!
//! ```
//! use magicnet::prelude::*;
//! use magicnet::{Connected, Node, Time, memory};
//!
//! // The contract, which all nodes share.
//! #[network_object(name = "door", create = anyone)]
//! pub mod door {
//!     /// Kept in step by the framework, wherever the object is seen.
//!     pub struct State {
//!         #[network_field(to = viewers)]
//!         pub open: bool,
//!     }
//!     /// What the server can be asked.
//!     pub trait Server {
//!         #[network_field(from = anyone)]
//!         fn knock(&mut self, times: u8);
//!     }
//!     /// What clients can be told.
//!     pub trait Client {
//!         fn creak(&mut self);
//!     }
//! }
//!
//! // The server's view of a door.
//! #[derive(Default)]
//! struct DoorServer {
//!     knocks: u64,
//! }
//!
//! #[network_object]
//! impl door::Server for DoorServer {
//!     fn knock(&mut self, cx: &mut door::ServerCx<'_, Self>, times: u8) {
//!         if times == 0 {
//!             return cx.reject("nobody heard that");
//!         }
//!         self.knocks += u64::from(times);
//!         cx.state_mut().open = true;
//!         cx.clients().creak();
//!     }
//! }
//!
//! // A client's view of a door.
//! #[derive(Default)]
//! struct DoorClient;
//!
//! #[network_object]
//! impl door::Client for DoorClient {
//!     fn on_generate(&mut self, cx: &mut door::ClientCx<'_, Self>) {
//!         cx.server().knock(3);
//!     }
//!     fn open_changed(&mut self, cx: &mut door::ClientCx<'_, Self>, old: bool) {
//!         println!("{old} -> {}", cx.state().open);
//!     }
//!     fn creak(&mut self, cx: &mut door::ClientCx<'_, Self>) {
//!         *cx.app_mut::<u32>() += 1;
//!     }
//! }
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let (port, dial) = memory::port();
//!     let mut server = Node::server().view::<DoorServer>().listen(port).build()?;
//!     let mut client = Node::client()
//!         .view::<DoorClient>()
//!         .with(0_u32)
//!         .on(|cx, _: Connected| drop(cx.create::<door::Contract>().send()))
//!         .connect(dial)
//!         .build()?;
//!     for _ in 0..10 {
//!         client.tick(Time::ZERO)?;
//!         server.tick(Time::ZERO)?;
//!     }
//!     assert_eq!(client.run(Time::ZERO, |cx| *cx.app_mut::<u32>()), 1, "it creaked");
//!     Ok(())
//! }
//! ```
//!
//! # The guide
//!
//! 1. [Contracts](guide::contracts): what an object is, who gets what of it, and what types it has.
//! 2. [Views and permissions](guide::views): what a node does with objects, and who may do what.
//! 3. [Other forms](guide::forms): a struct as contract and view at once, and one view for all nodes.
//! 4. [Messages](guide::messages): what belongs to no object.
//! 5. [Running a node](guide::running): over TCP, in a game loop, from other tasks, and by hand.
//! 6. [Networking stacks](guide::stacks): TCP, TLS, WebSocket and the like, under tokio, a thread, or ticks.
//! 7. [Zones](guide::zones): who sees which objects.
//! 8. [Roles and routing](guide::routing): who may say what, who hears it, and nodes in the middle.
//! 9. [Middleware](guide::middleware): what is done to everything that passes over an endpoint.
//! 10. [Encoders](guide::encoders): JSON, and forms of your own.
//! 11. [Who is let in](guide::admission): logins that take their time, and what each may then do.
//! 12. [Limits and events](guide::limits): what peers may cost, and what an operator is told.
//! 13. [Performance](guide::performance): what things cost, how that was measured, and what to tune.
//! 14. [UDP](guide::udp): what may be lost, so that nothing waits for it.
//! 15. [Testing](guide::testing): your own nodes in a simulated network.
//! 16. [Your own driver](guide::driver): what turns a node, in a hundred and fifty lines.
//! 17. [Coming from Python MagicNet](guide::python): names side by side, manifests, and every difference.
//!
//! The examples of the repository are whole programs: `cargo run --release --example number_server -- --demo` tells a
//! story; the others show one idea each, from a chat to a world that is cut into zones.
//!
//! # Cargo features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `tokio` | yes | the tokio driver with TCP and Unix sockets: `NodeBuilder::start`, `NodeBuilder::serve`, `Running` |
//! | `threads` | no | the driver of a thread, without tokio: `NodeBuilder::start_blocking`, `NodeBuilder::serve_blocking` |
//! | `poll` | no | sockets for nodes that are ticked |
//! | `tls` | no | endpoints behind TLS: `Tls`, and who is who there, `Identity` and `Trust` |
//! | `websocket` | no | WebSockets: `Ws`, and `Wss` with `tls` |
//! | `udp` | no | UDP as QUIC, and `via = unreliable` or `sequenced` over it |
//! | `json` | no | the encoder `Json`, for endpoints whose peers speak JSON |
//! | `testing` | no | the module `testing`: simulated time and network, for the tests of what you build |
//!
//! Without any of them there are connections inside the process, the ticked driver, and the node as a machine that any
//! other driver may turn: [`Node`] itself has no clock, socket, task or thread.

extern crate self as magicnet;

#[doc(hidden)]
pub mod __private;
mod drive;
mod edge;
mod hash;
pub mod line;
mod node;
pub mod prelude;
mod rate;
pub mod schema;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
pub mod wire;
mod world;

pub use drive::TickError;
#[cfg(feature = "threads")]
pub use drive::threads::{RunningThread, block_on};
#[cfg(feature = "tokio")]
pub use drive::tokio::Running;
#[cfg(any(feature = "tokio", feature = "threads", feature = "poll"))]
pub use drive::{LocalEndpoint, StartError};
pub use line::{ConnectionId, Disconnect, Ending, MAX_DATAGRAM, Opening, ZoneId};
pub use magicnet_derive::{NetworkType, manifest, message, message_handler, network_field, network_object};
#[cfg(feature = "tls")]
pub use node::Tls;
#[cfg(feature = "udp")]
pub use node::Udp;
#[cfg(unix)]
pub use node::Unix;
#[cfg(feature = "websocket")]
pub use node::Ws;
#[cfg(all(feature = "tls", feature = "websocket"))]
pub use node::Wss;
pub use node::{
    AddressError, BuildError, BytesMiddleware, Connect, ConnectError, Connecting, ConnectionConfig, Datagram,
    Datagrams, Endpoint, Flush, IntoEndpoint, Limits, Listen, Listening, MessageMiddleware, Node,
    NodeBuilder, NodeHandle, PassingMessage, Stopped, Tcp, Transmit, Verdict, Work, memory,
};
#[cfg(feature = "tls")]
pub use node::{Fingerprint, FingerprintError, Identity, Trust};
pub use rate::Rate;
pub use schema::{Manifest, ManifestError, Message, Role};
pub use time::Time;
#[cfg(feature = "json")]
pub use wire::Json;
pub use wire::{
    AnyValue, Bytes, Decode, DecodeError, Decoder, DisconnectReason, Encoder, List, Map, MapKey, MessageId,
    NetworkType, OutOfRange, Ranged, Str, Text, TooLong, Value,
};
pub use world::{
    Admission, AnyEvent, BeforeLaunch, BeforeShutdown, CallRejected, Caused, Connected, Connection, Contract,
    Create, CreateError, Cx, Disconnected, Event, Filter, Grid, Interest, MessageCx, MessageHandler,
    MessageRejected, MotdReceived, NodeCx, Object, ObjectId, ObjectRef, Owned, ParameterChanged, Peers,
    RegistryProblem, Rejection, Repository, Request, RequestRejected, Router, SchemaMismatch, SeeZonesError,
    Sending, ServerRef, Subject, Subscription, Symmetric, TurnedAway, View, Warning, WithAuthority,
    ZoneComplete, ZoneRequest, ZoneRule, Zones,
};

#[cfg(any(doc, doctest))]
pub mod guide {
    #![doc = include_str!("guide/index.md")]

    pub mod contracts {
        #![doc = include_str!("guide/contracts.md")]
    }
    pub mod views {
        #![doc = include_str!("guide/views.md")]
    }
    pub mod forms {
        #![doc = include_str!("guide/forms.md")]
    }
    pub mod messages {
        #![doc = include_str!("guide/messages.md")]
    }
    pub mod running {
        #![doc = include_str!("guide/running.md")]
    }
    pub mod stacks {
        #![doc = include_str!("guide/stacks.md")]
    }
    pub mod driver {
        #![doc = include_str!("guide/driver.md")]
    }
    pub mod zones {
        #![doc = include_str!("guide/zones.md")]
    }
    pub mod routing {
        #![doc = include_str!("guide/routing.md")]
    }
    pub mod middleware {
        #![doc = include_str!("guide/middleware.md")]
    }
    pub mod encoders {
        #![doc = include_str!("guide/encoders.md")]
    }
    pub mod admission {
        #![doc = include_str!("guide/admission.md")]
    }
    pub mod limits {
        #![doc = include_str!("guide/limits.md")]
    }
    pub mod performance {
        #![doc = include_str!("guide/performance.md")]
    }
    pub mod udp {
        #![doc = include_str!("guide/udp.md")]
    }
    pub mod testing {
        #![doc = include_str!("guide/testing.md")]
    }
    pub mod python {
        #![doc = include_str!("guide/python.md")]
    }
}

/// The README's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
