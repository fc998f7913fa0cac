//! What contracts, views and handlers use: `use magicnet::prelude::*`.
//!
//! It has no `Node` and no `World`, which engines' preludes have too.

pub use crate::{
    Bytes, ConnectionId, Disconnect, List, Map, MessageCx, NetworkType, Object, ObjectId, Ranged, Repository,
    Str, Text, Value, ZoneId, Zones, message, message_handler, network_field, network_object,
};
