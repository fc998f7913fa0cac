//! Tokio's UDP sockets, and how they are opened.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::{Context, Poll, ready};

use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use tokio::io::Interest;
use tokio::net::{ToSocketAddrs, UdpSocket};

use crate::drive::quic::DatagramSocket;

/// A socket, and what the system can do for it.
pub(super) struct Socket {
    socket: UdpSocket,
    state: UdpSocketState,
}

impl Socket {
    /// Listens at an address.
    pub(super) async fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        let socket = UdpSocket::bind(address).await?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        // As much as the system allows; what is lost for want of room comes again.
        let _ = state.set_recv_buffer_size(UdpSockRef::from(&socket), BUFFER);
        let _ = state.set_send_buffer_size(UdpSockRef::from(&socket), BUFFER);
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
            let receive = || self.state.recv(UdpSockRef::from(&self.socket), buffers, about);
            match self.socket.try_io(Interest::READABLE, receive) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return Poll::Ready(received),
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
        self.state.max_gso_segments().min(SEGMENTS)
    }

    fn may_fragment(&self) -> bool {
        self.state.may_fragment()
    }
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

/// How many bytes wait in the system on either side: a few milliseconds of a full gigabit line.
const BUFFER: usize = 2 * 1024 * 1024;

/// How many packets go to one peer with one call at most: some 14 KB, so that none of them waits long for the others.
const SEGMENTS: usize = 10;
