//! Tokio's UDP sockets, and how they are opened.

use std::future::poll_fn;
use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::{Context, Poll, ready};

use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use tokio::io::Interest;
use tokio::net::{ToSocketAddrs, UdpSocket, lookup_host};
use tokio::time::Instant;

use super::driver::Clock;
use super::start::Opened;
use crate::drive::machine::Machine;
use crate::drive::quic::{DatagramSocket, Dial, MAX_SEGMENTS, Place, Quic, SYSTEM_BUFFER, is_all};
use crate::drive::{Transport, flush, tls};
use crate::node::{Address, Around, ConnectionConfig};
use crate::time::Time;

/// The UDP sockets of one node.
pub(super) type Udp = Quic<Socket>;

/// A socket, and what the system can do for it.
pub(in crate::drive) struct Socket {
    socket: UdpSocket,
    state: UdpSocketState,
}

impl Socket {
    /// Listens at an address.
    pub(super) async fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        let socket = UdpSocket::bind(address).await?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        // As much as the system allows; what is lost for want of room comes again.
        let _ = state.set_recv_buffer_size(UdpSockRef::from(&socket), SYSTEM_BUFFER);
        let _ = state.set_send_buffer_size(UdpSockRef::from(&socket), SYSTEM_BUFFER);
        Ok(Self { socket, state })
    }

    /// One from which `remote` can be reached. It is bound to no address of this machine, so that the machine may
    /// change its network.
    pub(super) async fn towards(remote: SocketAddr) -> io::Result<Self> {
        match remote {
            SocketAddr::V4(_) => Self::bind((Ipv4Addr::UNSPECIFIED, 0)).await,
            SocketAddr::V6(_) => Self::bind((Ipv6Addr::UNSPECIFIED, 0)).await,
        }
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

impl DatagramSocket for Socket {
    fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        about: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.socket.poll_recv_ready(cx))?;
            let mut received = None;
            let receive = || {
                let count = self.state.recv(UdpSockRef::from(&self.socket), buffers, about)?;
                received = Some(count);
                // So tokio knows, of the same moment, that there is no more.
                if is_all(count) { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
            };
            match (self.socket.try_io(Interest::READABLE, receive), received) {
                (_, Some(count)) => return Poll::Ready(Ok(count)),
                (Err(error), None) if error.kind() == io::ErrorKind::WouldBlock => {}
                (failed, None) => return Poll::Ready(failed),
            }
        }
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, datagrams: &Transmit<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.socket.poll_send_ready(cx))?;
            let send = || self.state.try_send(UdpSockRef::from(&self.socket), datagrams);
            match self.socket.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }

    fn max_segments(&self) -> usize {
        self.state.max_gso_segments().min(MAX_SEGMENTS)
    }

    fn may_fragment(&self) -> bool {
        self.state.may_fragment()
    }
}

/// Listens at an address; returns where that is, and what one must know to connect.
pub(super) async fn listen(
    udp: &mut Udp,
    address: &Address,
    around: &Around,
    connection: ConnectionConfig,
) -> io::Result<(SocketAddr, Option<String>)> {
    let socket = Socket::bind(address.authority()).await?;
    let local = socket.local_addr()?;
    let identity = around.identity.clone().unwrap_or_default();
    let fingerprint = udp.listen(socket, &identity, connection)?;
    Ok((local, fingerprint.map(|fingerprint| fingerprint.to_string())))
}

/// Looks the name up, and connects to the first of its addresses where somebody answers.
pub(super) async fn connect(
    opened: &mut Opened,
    address: &Address,
    around: &Around,
    connection: &ConnectionConfig,
    node: &mut dyn Machine,
    start: Instant,
) -> io::Result<()> {
    let (_, named) = tls::split_fingerprint(&address.place)?;
    let trust = around.trust.clone().unwrap_or_default();
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for remote in lookup_host(address.authority()).await? {
        let dial = Dial { remote, host: address.host(), trust: &trust, named };
        let now = Time::after_start(start.elapsed());
        let socket = Socket::towards(remote).await?;
        let place = opened.udp.connect(socket, &dial, connection.clone(), None, now)?;
        let outcome = tokio::select! {
            outcome = establish(opened, place, node, Clock::since(start)) => outcome,
            refused = refused(remote) => Err(refused),
        };
        match outcome {
            Ok(()) => return Ok(()),
            Err(error) => last = error,
        }
        opened.udp.abandon(place);
    }
    Err(last)
}

/// Drives the sockets until a connection is open, or is not. Others that are open already are served meanwhile: a node
/// that may not say what it has to say hears nothing more.
async fn establish(
    Opened { memory, sockets, udp, .. }: &mut Opened,
    place: Place,
    node: &mut dyn Machine,
    mut clock: Clock,
) -> io::Result<()> {
    poll_fn(|cx| {
        let now = clock.now();
        udp.handle_timeout(now);
        udp.handle_ready(node, now);
        flush(node, &mut [&mut *memory, &mut *sockets, &mut *udp], now);
        if let Some(outcome) = udp.poll_connected(place) {
            return Poll::Ready(outcome);
        }
        let is_idle = udp.may_sleep(cx.waker());
        clock.poll_sleep(cx, udp.poll_timeout(), is_idle);
        Poll::Pending
    })
    .await
}

/// Waits until the system says that nobody listens at `remote`; without end if somebody does, or if nobody can tell.
///
/// Only a socket that is connected is told of that, and one that is connected stays with one address of this machine.
/// So it is another one that asks, by a datagram that means nothing to a listener.
pub(super) async fn refused(remote: SocketAddr) -> io::Error {
    let probe = async {
        let Socket { socket, .. } = Socket::towards(remote).await?;
        socket.connect(remote).await?;
        socket.send(&[0]).await?;
        socket.recv(&mut [0]).await
    };
    match probe.await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => error,
        _ => std::future::pending().await,
    }
}
