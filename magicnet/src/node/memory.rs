//! Connections inside one process: a [`Port`] that a node listens on and the [`Dial`] that leads to it.
//!
//! A connection is a pair of [`Pipe`]s: a queue of bytes each way, bounded like the buffers of a socket. There is no
//! thread, socket or clock here, so the order of connections and of bytes is the order of the calls, and a program
//! that drives its nodes in one thread runs the same way every time.
//!
//! ```
//! use std::io::{Read, Write};
//!
//! let (port, dial) = magicnet::memory::port();
//! let mut near = dial.connect()?;
//! let mut far = port.accept().expect("one connection waits");
//!
//! near.write_all(b"hello")?;
//! let mut word = [0; 5];
//! far.read_exact(&mut word)?;
//! assert_eq!(&word, b"hello");
//! # Ok::<(), std::io::Error>(())
//! ```

use std::collections::VecDeque;
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// Makes a port to listen on, and what connects to it.
///
/// The port goes to one node, `listen(port)`; the dial, and clones of it, to any number of others, `connect(dial)`, in
/// this thread or another. What connects before the port is listened on waits. With a role, middleware or an encoder
/// they are endpoints first: `Listen::from(port).encoder(..)`, `Connect::from(dial).role(..)`.
#[must_use]
pub fn port() -> (Port, Dial) {
    let backlog = Arc::new(Mutex::new(Backlog {
        waiting: VecDeque::new(),
        has_port: true,
        waker: Waker::noop().clone(),
    }));
    let dial = Dial { backlog: Arc::clone(&backlog) };
    (Port { backlog }, dial)
}

/// Where connections inside the process arrive. Dropping it refuses those that wait and all later ones.
#[derive(Debug)]
pub struct Port {
    backlog: Arc<Mutex<Backlog>>,
}

/// The way to a [`Port`].
#[derive(Clone, Debug)]
pub struct Dial {
    backlog: Arc<Mutex<Backlog>>,
}

/// One end of a connection inside the process. Dropping it closes the connection.
///
/// It reads and writes like a socket that does not block. An empty queue or a full one is [`ErrorKind::WouldBlock`];
/// the other end may read what was written before it sees the close, then it reads the end of the stream; writing to
/// an end that is gone is [`ErrorKind::BrokenPipe`].
#[derive(Debug)]
pub struct Pipe {
    incoming: Arc<Mutex<Queue>>,
    outgoing: Arc<Mutex<Queue>>,
    /// What was taken from the queue: a whole queue is swapped out at once and read from here.
    taken: Vec<u8>,
    /// How much of it was read.
    consumed: usize,
}

/// The most bytes that wait in one direction of a [`Pipe`]: four of the largest frames. A writer whose reader never
/// reads is held up here, as by the buffers of a socket, so that it can be seen to be slow.
pub const PIPE_CAPACITY: usize = 256 * 1024;

impl Port {
    /// The connection that waits longest, if any does.
    #[must_use]
    pub fn accept(&self) -> Option<Pipe> {
        lock(&self.backlog).waiting.pop_front()
    }

    /// Who is woken by the next connection.
    pub(crate) fn set_waker(&self, waker: &Waker) {
        lock(&self.backlog).waker.clone_from(waker);
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        let refused = {
            let mut backlog = lock(&self.backlog);
            backlog.has_port = false;
            mem::take(&mut backlog.waiting)
        };
        // Closing them wakes whoever holds the other ends: not while the backlog is locked.
        drop(refused);
    }
}

impl Dial {
    /// A new connection to the port.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ConnectionRefused`] if the port was dropped.
    pub fn connect(&self) -> io::Result<Pipe> {
        let (near, far) = pipe();
        let waker = {
            let mut backlog = lock(&self.backlog);
            if !backlog.has_port {
                return Err(ErrorKind::ConnectionRefused.into());
            }
            backlog.waiting.push_back(far);
            backlog.waker.clone()
        };
        waker.wake();
        Ok(near)
    }
}

impl Pipe {
    /// Who is woken when there is something to read, when there is room again after a write that did not fit, and
    /// when the other end goes.
    pub(crate) fn set_waker(&self, waker: &Waker) {
        lock(&self.incoming).reader.clone_from(waker);
        lock(&self.outgoing).writer.clone_from(waker);
    }

    /// Swaps what waits in the queue with the buffer that was read to its end.
    fn refill(&mut self) -> io::Result<()> {
        self.taken.clear();
        self.consumed = 0;
        let writer = {
            let mut queue = lock(&self.incoming);
            if queue.bytes.is_empty() {
                return if queue.is_closed { Ok(()) } else { Err(ErrorKind::WouldBlock.into()) };
            }
            mem::swap(&mut queue.bytes, &mut self.taken);
            mem::take(&mut queue.writer_waits).then(|| queue.writer.clone())
        };
        if let Some(writer) = writer {
            writer.wake();
        }
        Ok(())
    }
}

impl BufRead for Pipe {
    /// Everything that has come and was not consumed; an empty slice is the end of the stream.
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.consumed == self.taken.len() {
            self.refill()?;
        }
        Ok(&self.taken[self.consumed..])
    }

    fn consume(&mut self, amount: usize) {
        self.consumed = self.taken.len().min(self.consumed + amount);
        if self.consumed == self.taken.len() && self.taken.capacity() > KEPT_CAPACITY {
            self.taken = Vec::new();
            self.consumed = 0;
        }
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut waiting = self.fill_buf()?;
        let len = waiting.read(buffer)?;
        self.consume(len);
        Ok(len)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (len, reader) = lock(&self.outgoing).push(bytes)?;
        if let Some(reader) = reader {
            reader.wake();
        }
        Ok(len)
    }

    /// Nothing is held back, so there is nothing to flush.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        let reader = {
            let mut queue = lock(&self.outgoing);
            queue.is_closed = true;
            queue.reader.clone()
        };
        let writer = {
            let mut queue = lock(&self.incoming);
            queue.is_closed = true;
            // Nobody can read it any more.
            queue.bytes = Vec::new();
            queue.writer.clone()
        };
        // Usually both are the same; being woken twice is allowed.
        reader.wake();
        writer.wake();
    }
}

/// What waits for a port.
#[derive(Debug)]
struct Backlog {
    /// Not bounded: who dials is part of this program.
    waiting: VecDeque<Pipe>,
    has_port: bool,
    waker: Waker,
}

/// One direction of a connection.
#[derive(Debug)]
struct Queue {
    bytes: Vec<u8>,
    /// One of the two ends is gone.
    is_closed: bool,
    /// A write did not fit; the writer wants to know of room.
    writer_waits: bool,
    reader: Waker,
    writer: Waker,
}

impl Queue {
    fn new() -> Self {
        Self {
            bytes: Vec::new(),
            is_closed: false,
            writer_waits: false,
            reader: Waker::noop().clone(),
            writer: Waker::noop().clone(),
        }
    }

    /// Takes what fits, and says who has to learn of it.
    fn push(&mut self, bytes: &[u8]) -> io::Result<(usize, Option<Waker>)> {
        if self.is_closed {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let len = bytes.len().min(PIPE_CAPACITY - self.bytes.len());
        self.writer_waits = len < bytes.len();
        if len == 0 && self.writer_waits {
            return Err(ErrorKind::WouldBlock.into());
        }
        let was_empty = self.bytes.is_empty();
        self.bytes.extend_from_slice(&bytes[..len]);
        Ok((len, (was_empty && len > 0).then(|| self.reader.clone())))
    }
}

fn pipe() -> (Pipe, Pipe) {
    let there = Arc::new(Mutex::new(Queue::new()));
    let back = Arc::new(Mutex::new(Queue::new()));
    let near =
        Pipe { incoming: Arc::clone(&back), outgoing: Arc::clone(&there), taken: Vec::new(), consumed: 0 };
    let far = Pipe { incoming: there, outgoing: back, taken: Vec::new(), consumed: 0 };
    (near, far)
}

/// Nothing that is done under these locks can panic half-way, so a poisoned one is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A buffer above this, one of the largest frames, is given back once it has been read: what a burst needed is not
/// kept by a connection that went quiet. Up to it, reading and writing in turn allocate nothing.
const KEPT_CAPACITY: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counted(pipe: &Pipe) -> Arc<Count> {
        let count = Arc::new(Count::default());
        pipe.set_waker(&Waker::from(Arc::clone(&count)));
        count
    }

    fn woken(count: &Count) -> usize {
        count.0.swap(0, Ordering::Relaxed)
    }

    fn connected() -> (Pipe, Pipe) {
        let (port, dial) = port();
        let near = dial.connect().expect("the port is there");
        (near, port.accept().expect("the connection waits"))
    }

    fn kind<T>(result: io::Result<T>) -> ErrorKind {
        result.map(|_| ()).expect_err("an error").kind()
    }

    #[test]
    fn connections_arrive_in_the_order_of_the_calls() {
        let (port, dial) = port();
        let mut ends: Vec<Pipe> = (0..3).map(|_| dial.clone().connect().unwrap()).collect();
        for (number, end) in (0_u8..).zip(&mut ends) {
            end.write_all(&[number]).unwrap();
        }
        for number in 0..3 {
            assert_eq!(port.accept().unwrap().fill_buf().unwrap(), [number]);
        }
        assert!(port.accept().is_none());
    }

    #[test]
    fn bytes_arrive_in_pieces_of_any_size() {
        let (mut near, mut far) = connected();
        assert_eq!(kind(far.fill_buf()), ErrorKind::WouldBlock);
        near.write_all(b"one").unwrap();
        near.write_all(b"two").unwrap();
        let mut piece = [0; 4];
        assert_eq!(far.read(&mut piece).unwrap(), 4);
        assert_eq!(&piece, b"onet");
        near.write_all(b"!").unwrap();
        assert_eq!(far.read(&mut piece).unwrap(), 2);
        assert_eq!(far.read(&mut piece).unwrap(), 1);
        assert_eq!(kind(far.read(&mut piece)), ErrorKind::WouldBlock);
    }

    #[test]
    fn a_full_pipe_takes_what_fits_and_wakes_its_writer_once_read() {
        let (mut near, mut far) = connected();
        let writer = counted(&near);
        assert_eq!(near.write(&vec![1; PIPE_CAPACITY + 1]).unwrap(), PIPE_CAPACITY);
        assert_eq!(kind(near.write(&[2])), ErrorKind::WouldBlock);
        assert_eq!(woken(&writer), 0);
        let len = far.fill_buf().unwrap().len();
        assert_eq!(len, PIPE_CAPACITY);
        far.consume(len);
        assert_eq!(woken(&writer), 1);
        assert_eq!(near.write(&[2]).unwrap(), 1);
        assert_eq!(far.fill_buf().unwrap(), [2]);
        assert_eq!(woken(&writer), 0, "nothing was held up this time");
    }

    #[test]
    fn a_reader_is_woken_by_the_first_bytes_alone() {
        let (mut near, mut far) = connected();
        let reader = counted(&far);
        near.write_all(b"one").unwrap();
        near.write_all(b"two").unwrap();
        assert_eq!(woken(&reader), 1);
        let len = far.fill_buf().unwrap().len();
        far.consume(len);
        near.write_all(b"three").unwrap();
        assert_eq!(woken(&reader), 1);
    }

    #[test]
    fn what_was_written_before_the_close_is_read() {
        let (mut near, mut far) = connected();
        let reader = counted(&far);
        near.write_all(b"bye").unwrap();
        drop(near);
        assert!(woken(&reader) >= 2);
        assert_eq!(kind(far.write(b"?")), ErrorKind::BrokenPipe);
        let mut all = Vec::new();
        far.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"bye");
        assert_eq!(far.fill_buf().unwrap(), b"");
    }

    #[test]
    fn a_writer_that_waits_learns_that_its_reader_is_gone() {
        let (mut near, far) = connected();
        let writer = counted(&near);
        let _ = near.write(&vec![0; PIPE_CAPACITY]).unwrap();
        assert_eq!(kind(near.write(&[0])), ErrorKind::WouldBlock);
        drop(far);
        assert!(woken(&writer) >= 1);
        assert_eq!(kind(near.write(&[0])), ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_dropped_port_refuses() {
        let (port, dial) = port();
        let mut waiting = dial.connect().unwrap();
        drop(port);
        assert_eq!(waiting.fill_buf().unwrap(), b"");
        assert_eq!(kind(dial.connect()), ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_port_is_woken_by_each_connection() {
        let (port, dial) = port();
        let count = Arc::new(Count::default());
        port.set_waker(&Waker::from(Arc::clone(&count)));
        let _ends: Vec<Pipe> = (0..4).map(|_| dial.connect().unwrap()).collect();
        assert_eq!(woken(&count), 4);
    }

    #[test]
    fn small_traffic_reuses_its_buffers_and_a_burst_gives_them_back() {
        let (mut near, mut far) = connected();
        let mut turn = |len: usize| {
            near.write_all(&vec![0; len]).unwrap();
            let start = far.fill_buf().unwrap().as_ptr();
            far.consume(len);
            (start, far.taken.capacity())
        };
        let (first, _) = turn(100);
        let (second, _) = turn(100);
        assert_eq!([turn(100).0, turn(100).0], [first, second], "two buffers go round");
        assert_eq!(turn(PIPE_CAPACITY).1, 0);
    }
}
