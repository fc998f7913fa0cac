//! What the endpoint wants of a UDP socket, and the buffers that datagrams are received into.

use std::array;
use std::io::{self, IoSliceMut};
use std::task::{Context, Poll};

use quinn_udp::{RecvMeta, Transmit};

/// A UDP socket that does not block. Whoever is told [`Poll::Pending`] is woken when it is worth another try.
pub(in crate::drive) trait DatagramSocket {
    /// Receives into the first of `buffers`, says in `about` what is there, and returns how many it were. One buffer
    /// may hold several datagrams of one sender.
    fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        about: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>>;

    /// Sends one or more datagrams to one receiver, all or none of them.
    fn poll_send(&mut self, cx: &mut Context<'_>, datagrams: &Transmit<'_>) -> Poll<io::Result<()>>;

    /// How many datagrams one call of [`poll_send`](Self::poll_send) takes.
    fn max_segments(&self) -> usize;

    /// Whether large datagrams may be cut on their way: then their size says nothing about it.
    fn may_fragment(&self) -> bool;
}

/// Where datagrams are received, many with one call.
pub(super) struct Batch {
    /// Memory that was never written to is not there yet: most datagrams fill a fraction of their buffers.
    memory: Box<[u8]>,
    about: [RecvMeta; BATCH],
    filled: usize,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self { memory: vec![0; BATCH * BUFFER].into(), about: [RecvMeta::default(); BATCH], filled: 0 }
    }

    /// Receives what has come, as far as one call goes.
    pub(super) fn fill(
        &mut self,
        socket: &mut impl DatagramSocket,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        self.filled = 0;
        let mut memory = self.memory.chunks_exact_mut(BUFFER);
        let mut buffers: [IoSliceMut<'_>; BATCH] =
            array::from_fn(|_| IoSliceMut::new(memory.next().expect("there is a buffer for each")));
        let received = socket.poll_recv(cx, &mut buffers, &mut self.about);
        received.map_ok(|count| self.filled = count)
    }

    /// What they take to be handled, in bytes: those that say little or nothing are not free.
    pub(super) fn weight(&self) -> usize {
        let filled = self.about[..self.filled].iter();
        filled.map(|about| about.len + DATAGRAM * about.len.div_ceil(about.stride.max(1)).max(1)).sum()
    }

    /// The datagrams that were received, each with what is known of it.
    pub(super) fn datagrams(&self) -> impl Iterator<Item = (&RecvMeta, &[u8])> {
        let filled = self.about[..self.filled].iter().zip(self.memory.chunks_exact(BUFFER));
        // An empty datagram has no stride, and nothing to say.
        let filled = filled.filter(|(about, _)| about.stride > 0);
        filled.flat_map(|(about, buffer)| {
            buffer[..about.len].chunks(about.stride).map(move |datagram| (about, datagram))
        })
    }
}

/// Whether what was received with one call is all there was: the system would have handed over more, so nobody needs to
/// ask it. Where it hands over one at a time that is not known.
pub(in crate::drive) fn is_all(count: usize) -> bool {
    count < BATCH
}

/// As many as the system hands over with one call.
const BATCH: usize = quinn_udp::BATCH_SIZE;

/// The largest UDP datagram; datagrams of one sender that the system has put together are no larger in all.
const BUFFER: usize = 64 * 1024;

/// What a datagram counts for besides its bytes: to find out whose it is, and that it is nobody's, takes as long as to
/// decrypt so many.
const DATAGRAM: usize = 128;

/// How many bytes wait in the system on either side of a socket, if it lets us: a few milliseconds of a full gigabit
/// line.
pub(in crate::drive) const SYSTEM_BUFFER: usize = 2 * 1024 * 1024;

/// How many packets go to one peer with one call at most: some 14 KB, so that none of them waits long for the others.
pub(in crate::drive) const MAX_SEGMENTS: usize = 10;
