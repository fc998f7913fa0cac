//! The load: connections by the thousand, over whatever a server listens on, and what they say to servers of each kind.

mod carrier;
mod place;
pub(crate) mod pubsub;
mod swarm;
mod trust;
mod tunnel;
pub(crate) mod v3;

pub(crate) use place::{CARRIERS, Place};
pub(crate) use swarm::Swarm;
pub(crate) use tunnel::MAGICNET_INSIDE;
