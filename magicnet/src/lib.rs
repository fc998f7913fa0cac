//! Networked objects and messages, typed and checked at compile time.

pub mod line;
pub mod schema;
pub mod time;
pub mod wire;
mod world;
pub use wire::{List, OutOfRange, Ranged, Str, TooLong};
pub use world::*;
