//! Stories through the core, over simulated time: what users of two and more nodes see.

mod authority;
mod both;
mod calls;
mod checks;
mod fanout_model;
mod handshake;
mod lifecycle;
mod messages;
mod number;
mod parameters;
mod regress;
mod rollback;
mod shutdown;
mod types;
mod work;
mod zones;
