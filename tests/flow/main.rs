//! Stories through the core, over simulated time: what users of two and more nodes see.

mod authority;
mod bridge;
mod calls;
mod checks;
mod events;
mod fanout_model;
mod grid;
mod handshake;
mod interest;
mod interest_model;
mod lifecycle;
mod messages;
mod number;
mod parameters;
mod regress;
mod rollback;
mod routing;
mod shutdown;
mod types;
mod work;
mod zones;
