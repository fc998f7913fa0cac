//! The servers that are measured, each in a process of its own, and those they are compared with.

mod echo;
mod ideal;
mod ours;
mod relay;
mod sockets;

use std::io::Read;
use std::net::SocketAddr;
use std::{io, process, thread};

use anyhow::bail;

use crate::arguments::Arguments;

/// Runs the server `kind` until the standard input ends.
pub(crate) fn serve(kind: &str, arguments: &Arguments) -> anyhow::Result<()> {
    thread::spawn(|| {
        // Whoever started this process holds the other end. Nothing comes but the end.
        let _ = io::stdin().read(&mut [0]);
        process::exit(0);
    });
    match kind {
        "ours" => ours::serve(arguments),
        "ideal" => ideal::serve(),
        "relay" => relay::serve(),
        "echo" => echo::serve(),
        _ => bail!("there is no server `{kind}`"),
    }
}

/// Tells whoever started this process where it listens.
fn announce(address: SocketAddr) {
    println!("listening {address}");
}
