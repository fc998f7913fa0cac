//! Whole sessions as lists of what happens, made from any bytes: a server among hostile peers, and a client of hostile
//! servers. The fuzz targets and the replay of their corpus share this module.

mod client;
mod contracts;
mod mirror;
mod server;
mod words;

pub use client::ClientScript;
pub use server::ServerScript;
