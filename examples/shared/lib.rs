//! What several examples share: the contracts that both sides of a network are built from, and the handling of the
//! command line, which has nothing to do with networks.

pub mod chat;
pub mod console;
pub mod number;
pub mod options;
pub mod stack;
