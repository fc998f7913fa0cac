//! Whole sessions as lists of what happens, made from any bytes: a server among hostile peers, a client of hostile
//! servers, and a server whose packets are meddled with. The fuzz targets and the replay of their corpus share this
//! module.

mod client;
mod contracts;
mod mirror;
mod packets;
mod server;
mod words;

pub use client::ClientScript;
pub use packets::PacketScript;
pub use server::ServerScript;
