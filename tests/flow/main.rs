//! Stories through the core, over simulated time: what users of two and more nodes see.

mod authority;
mod calls;
mod checks;
mod encoders;

mod fanout_model;
mod fields;
mod grid;
mod handshake;
mod interest;
mod interest_model;
mod kept;
mod library;
mod lifecycle;
mod messages;
mod middleware;
mod number;
mod parameters;
mod regress;
mod rollback;
mod rules;
mod shutdown;
mod talk;
mod types;
mod work;
mod zones;
