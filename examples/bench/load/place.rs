//! Where a server is, and what carries bytes there.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, bail};

/// The address of a server, as a node writes it; a bare one means TCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Tcp(SocketAddr),
    Unix(PathBuf),
    Tls(SocketAddr),
    Ws(SocketAddr),
    Wss(SocketAddr),
    /// QUIC.
    Udp(SocketAddr),
}

/// What the load can speak over, as `--over` takes it.
pub(crate) const CARRIERS: [&str; 6] = ["tcp", "unix", "tls", "ws", "wss", "udp"];

impl FromStr for Place {
    type Err = anyhow::Error;

    fn from_str(address: &str) -> anyhow::Result<Self> {
        let (scheme, place) = address.split_once("://").unwrap_or(("tcp", address));
        if scheme == "unix" {
            return Ok(Self::Unix(place.into()));
        }
        // Behind the port: the path of a WebSocket, the fingerprint of a certificate.
        let port_ends = place.find(['/', '#']).unwrap_or(place.len());
        let socket = place[..port_ends].parse().with_context(|| format!("{address} is no address"))?;
        Ok(match scheme {
            "tcp" => Self::Tcp(socket),
            "tls" => Self::Tls(socket),
            "ws" => Self::Ws(socket),
            "wss" => Self::Wss(socket),
            "udp" => Self::Udp(socket),
            other => bail!("nothing here speaks over {other}"),
        })
    }
}
