//! UDP sockets that nobody waits for, and how they are opened.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};

use super::reactor::{self, Registered};
use crate::drive::quic::{DatagramSocket, MAX_SEGMENTS, Quic, SYSTEM_BUFFER, is_all};
use crate::node::{Address, Around, ConnectionConfig};

/// The UDP sockets of one node.
pub(in crate::drive) type Udp = Quic<Socket>;

/// A socket, and what the system can do for it.
pub(in crate::drive) struct Socket {
    socket: Registered<mio::net::UdpSocket>,
    state: UdpSocketState,
}

impl Socket {
    fn bind(address: impl ToSocketAddrs, sockets: &Arc<reactor::Sockets>) -> io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        // As much as the system allows; what is lost for want of room comes again.
        let _ = state.set_recv_buffer_size(UdpSockRef::from(&socket), SYSTEM_BUFFER);
        let _ = state.set_send_buffer_size(UdpSockRef::from(&socket), SYSTEM_BUFFER);
        Ok(Self { socket: Registered::new(mio::net::UdpSocket::from_std(socket), sockets)?, state })
    }

    /// One from which `remote` can be reached. It is bound to no address of this machine, so that the machine may
    /// change its network.
    pub(in crate::drive) fn towards(remote: SocketAddr, sockets: &Arc<reactor::Sockets>) -> io::Result<Self> {
        match remote {
            SocketAddr::V4(_) => Self::bind((Ipv4Addr::UNSPECIFIED, 0), sockets),
            SocketAddr::V6(_) => Self::bind((Ipv6Addr::UNSPECIFIED, 0), sockets),
        }
    }
}

impl DatagramSocket for Socket {
    fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        about: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let Self { socket, state } = self;
        if !socket.is_readable() {
            return Poll::Pending;
        }
        let receive = |socket: &mut _| state.recv(UdpSockRef::from(&*socket), buffers, about);
        let count = ready!(socket.attempt_read(cx, receive))?;
        if is_all(count) {
            socket.drained();
        }
        Poll::Ready(Ok(count))
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, datagrams: &Transmit<'_>) -> Poll<io::Result<()>> {
        let Self { socket, state } = self;
        socket.attempt(cx, |socket| state.try_send(UdpSockRef::from(&*socket), datagrams))
    }

    fn max_segments(&self) -> usize {
        self.state.max_gso_segments().min(MAX_SEGMENTS)
    }

    fn may_fragment(&self) -> bool {
        self.state.may_fragment()
    }
}

/// Listens at an address; returns where that is, and what one must know to connect.
pub(super) fn listen(
    udp: &mut Udp,
    address: &Address,
    around: &Around,
    connection: ConnectionConfig,
    sockets: &Arc<reactor::Sockets>,
) -> io::Result<(SocketAddr, Option<String>)> {
    let socket = Socket::bind(address.authority(), sockets)?;
    let local = socket.socket.get().local_addr()?;
    let identity = around.identity.clone().unwrap_or_default();
    let fingerprint = udp.listen(socket, &identity, connection)?;
    Ok((local, fingerprint.map(|fingerprint| fingerprint.to_string())))
}

/// Asks whether anybody listens somewhere, by a datagram that means nothing to who does: where nobody does, the system
/// says so to a socket that is connected.
#[cfg(feature = "threads")]
pub(in crate::drive) struct Probe(UdpSocket);

#[cfg(feature = "threads")]
impl Probe {
    pub(in crate::drive) fn send(remote: SocketAddr) -> io::Result<Self> {
        let socket = match remote {
            SocketAddr::V4(_) => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?,
            SocketAddr::V6(_) => UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?,
        };
        socket.set_nonblocking(true)?;
        socket.connect(remote)?;
        socket.send(&[0])?;
        Ok(Self(socket))
    }

    /// The system's answer, if it was no.
    pub(in crate::drive) fn refusal(&self) -> Option<io::Error> {
        self.0.recv(&mut [0]).err().filter(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    }
}
