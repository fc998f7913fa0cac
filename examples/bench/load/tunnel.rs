//! QUIC for a load that knows streams: each connection of QUIC ends in one half of a pair of sockets, whose other half
//! is a peer's.
//!
//! Nothing runs beside the load: what carries bytes through has its turn when the load waits, in the same thread.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Endpoint, RecvStream};
use tokio::io::{AsyncWriteExt, copy};
use tokio::net::UnixStream as AsyncUnix;
use tokio::net::unix::OwnedWriteHalf;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::trust;

/// The connections of one swarm.
#[derive(Debug)]
pub(super) struct Tunnels {
    runtime: Runtime,
    config: ClientConfig,
    /// Something has arrived at a near end.
    arrived: Arc<Notify>,
}

impl Tunnels {
    pub(super) fn new() -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let crypto = QuicClientConfig::try_from(trust::anybody(&[MAGICNET_INSIDE]))?;
        Ok(Self { runtime, config: ClientConfig::new(Arc::new(crypto)), arrived: Arc::default() })
    }

    /// Connects to a server, from a socket of its own, and returns the near end.
    pub(super) fn dig(&self, server: SocketAddr) -> anyhow::Result<UnixStream> {
        self.runtime.block_on(async {
            let endpoint = Endpoint::client((Ipv4Addr::UNSPECIFIED, 0).into())?;
            let connection = endpoint.connect_with(self.config.clone(), server, "localhost")?.await?;
            // The server greets first, so the stream is of its making.
            let (mut send, receive) = connection.accept_bi().await?;
            let (near, far) = UnixStream::pair()?;
            far.set_nonblocking(true)?;
            let (mut said, heard) = AsyncUnix::from_std(far)?.into_split();
            let arrived = Arc::clone(&self.arrived);
            tokio::spawn(async move {
                // However it ends, the swarm sees the end of its half.
                let _ = tokio::join!(copy(&mut said, &mut send), carry(receive, heard, &arrived));
                drop((connection, endpoint));
            });
            Ok(near)
        })
    }

    /// Carries what there is to carry, until something has arrived, or the time is over.
    pub(super) fn wait(&self, time: Option<Duration>) {
        self.runtime.block_on(async {
            // Whoever does not wait still lets the tunnels have their turn.
            tokio::task::yield_now().await;
            // That nothing came is for the swarm to see.
            let _ = timeout(time.unwrap_or(Duration::MAX), self.arrived.notified()).await;
        });
    }
}

/// Carries what the server says to the near end.
async fn carry(mut receive: RecvStream, mut heard: OwnedWriteHalf, arrived: &Notify) -> anyhow::Result<()> {
    while let Some(chunk) = receive.read_chunk(LARGEST_CHUNK, true).await? {
        heard.write_all(&chunk.bytes).await?;
        arrived.notify_one();
    }
    Ok(())
}

/// What servers call what is spoken inside.
pub(crate) const MAGICNET_INSIDE: &[u8] = b"magicnet/3";

/// As much as there is.
const LARGEST_CHUNK: usize = usize::MAX;
