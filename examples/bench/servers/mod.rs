//! The servers that are measured, each in a process of its own, and those they are compared with.

mod echo;
mod hub;
mod ideal;
mod ours;
mod quic;
mod relay;
mod sockets;

use std::fmt::Display;
use std::io::Read;
use std::{io, process, thread};

use anyhow::bail;

use crate::arguments::{Arguments, Known};

/// What servers may be told; not all of it means something to all.
const OPTIONS: [Known; 8] = [
    Known { name: "--app", value: "APP", about: "number, mover or ping" },
    Known { name: "--flush", value: "WHEN", about: "natural, at-once, or a time such as 50ms" },
    Known { name: "--edges", value: "N", about: "how many threads own connections; 1" },
    Known { name: "--stack", value: "STACK", about: "tokio, threads or poll" },
    Known { name: "--over", value: "CARRIER", about: "tcp, unix, tls, ws, wss or udp" },
    Known { name: "--objects", value: "N", about: "how many objects there are at the start" },
    Known { name: "--in-zones", value: "N", about: "over how many zones these are" },
    Known { name: "--hot", value: "N", about: "how many of them, the first ones, are in the first zone" },
];

/// Runs the server that the first word names until the standard input ends.
pub(crate) fn serve(given: &[String]) -> anyhow::Result<()> {
    let arguments = Arguments::parse(given.iter().cloned(), &OPTIONS)?;
    thread::spawn(|| {
        // Whoever started this process holds the other end. Nothing comes but the end.
        let _ = io::stdin().read(&mut [0]);
        process::exit(0);
    });
    match arguments.words() {
        [kind] if kind == "ours" => ours::serve(&arguments),
        [kind] if kind == "ideal" => ideal::serve(&arguments),
        [kind] if kind == "relay" => relay::serve(),
        [kind] if kind == "echo" => echo::serve(),
        [kind] if kind == "hub" => hub::serve(),
        [kind] if kind == "quinn" => quic::serve(),
        other => bail!("there is no server {other:?}"),
    }
}

/// Whether our server can be what it is told to be, before it is started many times.
pub(crate) fn check(given: &Arguments) -> anyhow::Result<()> {
    ours::check(given)
}

/// The zones of the objects that there are at the start, in the order of their local numbers, which begin at 1.
fn filled(arguments: &Arguments) -> anyhow::Result<impl Iterator<Item = u32> + Send + 'static> {
    let objects: u32 = arguments.number("--objects")?.unwrap_or(0);
    let zones: u32 = arguments.number("--in-zones")?.unwrap_or(1);
    let hot: u32 = arguments.number("--hot")?.unwrap_or(0);
    Ok((0..objects).map(move |object| if object < hot { 1 } else { 1 + object % zones }))
}

/// Tells whoever started this process where it listens.
fn announce(address: impl Display) {
    println!("listening {address}");
}
