//! What several examples share: the contracts that both sides of a network are built from, and the handling of the
//! command line, which has nothing to do with networks.

#[path = "shared/chat.rs"]
pub mod chat;
#[path = "shared/console.rs"]
pub mod console;
#[path = "shared/number.rs"]
pub mod number;
#[path = "shared/options.rs"]
pub mod options;
