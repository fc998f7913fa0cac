//! The load: connections by the thousand, and what they say to servers of each kind.

pub(crate) mod pubsub;
mod swarm;
pub(crate) mod v3;

pub(crate) use swarm::Swarm;
