//! Connections that are waited for.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;
#[cfg(feature = "udp")]
use std::{task::Waker, time::Duration};

use crate::drive::CONNECT_TIMEOUT;
use crate::drive::mio::{Dial, Reactor, Registry, Socket};
#[cfg(feature = "udp")]
use crate::drive::{
    Transport, flush,
    mio::{Opened, Probe, UdpSocket},
    quic::{self, Place},
};
use crate::time::Time;
#[cfg(feature = "udp")]
use crate::{
    drive::machine::Machine,
    node::{ConnectionConfig, Node},
};

/// Dials in a thread that may wait.
pub(super) struct Patient<'r> {
    pub(super) reactor: &'r mut Reactor,
    /// The node's time zero.
    pub(super) start: Instant,
}

impl Dial for Patient<'_> {
    fn now(&self) -> Time {
        Time::after_start(self.start.elapsed())
    }

    fn registry(&mut self) -> io::Result<Arc<Registry>> {
        Ok(Arc::clone(self.reactor.sockets()))
    }

    fn dial(&mut self, addresses: Vec<SocketAddr>) -> io::Result<Socket> {
        let mut outcome = Err(ErrorKind::AddrNotAvailable.into());
        for address in addresses {
            outcome = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT);
            if outcome.is_ok() {
                break;
            }
        }
        let stream = outcome?;
        stream.set_nonblocking(true)?;
        Socket::tcp(mio::net::TcpStream::from_std(stream), self.reactor.sockets())
    }

    #[cfg(feature = "udp")]
    fn dial_udp(
        &mut self,
        opened: &mut Opened,
        to: &quic::Dial<'_>,
        connection: &ConnectionConfig,
        node: &mut Node,
    ) -> io::Result<()> {
        let socket = UdpSocket::towards(to.remote, self.reactor.sockets())?;
        let place = opened.udp.connect(socket, to, connection.clone(), None, self.now())?;
        let outcome = self.establish(opened, place, to.remote, node);
        if outcome.is_err() {
            opened.udp.abandon(place);
        }
        outcome
    }
}

#[cfg(feature = "udp")]
impl Patient<'_> {
    /// Drives the sockets until a connection is open, or is not. Others that are open already are served meanwhile: a
    /// node that may not say what it has to say hears nothing more.
    fn establish(
        &mut self,
        opened: &mut Opened,
        place: Place,
        remote: SocketAddr,
        node: &mut dyn Machine,
    ) -> io::Result<()> {
        let probe = Probe::send(remote)?;
        let end = self.now() + CONNECT_TIMEOUT;
        loop {
            let now = self.now();
            opened.udp.handle_timeout(now);
            opened.udp.handle_ready(node, now);
            flush(node, &mut opened.transports(), now);
            let udp = &mut opened.udp;
            if let Some(outcome) = udp.poll_connected(place) {
                return outcome;
            }
            if let Some(refusal) = probe.refusal() {
                return Err(refusal);
            }
            if now >= end {
                return Err(ErrorKind::TimedOut.into());
            }
            let rest = match (udp.may_sleep(Waker::noop()), udp.poll_timeout()) {
                (false, _) => Duration::ZERO,
                (true, due) => due.map_or(PROBING, |due| due.since(now).min(PROBING)),
            };
            self.reactor.wait(Some(rest))?;
        }
    }
}

/// How often the answer of a probe is looked for, which no socket of the node hears of.
#[cfg(feature = "udp")]
const PROBING: Duration = Duration::from_millis(20);
