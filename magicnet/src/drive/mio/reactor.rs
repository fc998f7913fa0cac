//! Who is woken by which socket: readiness from the system, through `mio`, to the wakers that transports go by.
//!
//! Nothing here waits but [`Reactor::wait`]. A socket registers itself as it comes and goes when it is dropped.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Wake, Waker};
#[cfg(feature = "threads")]
use std::thread::{self, Thread};
use std::time::Duration;
#[cfg(feature = "threads")]
use std::time::Instant;

use mio::event::{Event, Source};
use mio::{Events, Interest, Poll, Registry, Token};

/// Waits for sockets, and for other threads.
pub(in crate::drive) struct Reactor {
    poll: Poll,
    events: Events,
    sockets: Arc<Sockets>,
    alarm: Arc<Alarm>,
}

impl Reactor {
    pub(in crate::drive) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let alarm = Alarm {
            waker: mio::Waker::new(poll.registry(), ALARM)?,
            state: AtomicU8::new(AWAKE),
            #[cfg(feature = "threads")]
            thread: OnceLock::new(),
        };
        let sockets = Sockets { registry: poll.registry().try_clone()?, places: Mutex::default() };
        Ok(Self {
            poll,
            events: Events::with_capacity(EVENTS),
            sockets: Arc::new(sockets),
            alarm: Arc::new(alarm),
        })
    }

    /// Where sockets register.
    pub(in crate::drive) fn sockets(&self) -> &Arc<Sockets> {
        &self.sockets
    }

    /// What ends the next [`wait`](Self::wait), from any thread.
    #[cfg(feature = "threads")]
    pub(in crate::drive) fn waker(&self) -> Waker {
        Waker::from(Arc::clone(&self.alarm))
    }

    /// Says that the waker is to be heeded from now on: whoever looks for work afterwards misses nothing.
    #[cfg(feature = "threads")]
    pub(in crate::drive) fn prepare(&self) {
        self.alarm.state.store(WAITS, Ordering::SeqCst);
    }

    /// Waits until the waker is called, or the time is over, whatever sockets do meanwhile: they cost nothing until
    /// then. [`wait`](Self::wait) says afterwards what they did. It is this thread from now on that is woken.
    #[cfg(feature = "threads")]
    pub(in crate::drive) fn pause(&self, time: Duration) {
        let begin = Instant::now();
        self.alarm.thread.get_or_init(thread::current);
        // Or somebody has called meanwhile.
        let state = &self.alarm.state;
        let _ = state.compare_exchange(WAITS, PARKED, Ordering::SeqCst, Ordering::SeqCst);
        while state.load(Ordering::SeqCst) == PARKED
            && let Some(rest) = time.checked_sub(begin.elapsed())
        {
            thread::park_timeout(rest);
        }
        let _ = state.compare_exchange(PARKED, AWAKE, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Wakes whoever waits for a socket that is ready by now.
    #[cfg(feature = "poll")]
    pub(in crate::drive) fn look(&mut self) -> io::Result<()> {
        self.wait(Some(Duration::ZERO))
    }

    /// Waits until a socket is ready, the waker is called, or the time is over, and wakes whoever waits for sockets.
    pub(in crate::drive) fn wait(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let waited = self.poll.poll(&mut self.events, timeout);
        // It is awake: nobody has to wake it by a system call, those below least of all.
        self.alarm.state.store(AWAKE, Ordering::SeqCst);
        match waited {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            waited => waited?,
        }
        for event in &self.events {
            if event.token() != ALARM {
                self.sockets.wake(event);
            }
        }
        Ok(())
    }
}

/// Wakes the reactor's thread while it waits, and costs next to nothing while it does not.
struct Alarm {
    waker: mio::Waker,
    /// How somebody waits, or is about to.
    state: AtomicU8,
    /// Who pauses.
    #[cfg(feature = "threads")]
    thread: OnceLock<Thread>,
}

/// Nobody has to be woken.
const AWAKE: u8 = 0;

/// Somebody waits for the system to tell of something.
#[cfg(feature = "threads")]
const WAITS: u8 = 1;

/// Somebody pauses.
#[cfg(feature = "threads")]
const PARKED: u8 = 2;

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        match self.state.swap(AWAKE, Ordering::SeqCst) {
            AWAKE => {}
            #[cfg(feature = "threads")]
            PARKED => self.thread.get().into_iter().for_each(Thread::unpark),
            // It fails when the system has no memory for a number; whoever waits has a timeout most of the time.
            _ => drop(self.waker.wake()),
        }
    }
}

/// The sockets that are registered.
pub(in crate::drive) struct Sockets {
    registry: Registry,
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    places: Vec<Option<Arc<Place>>>,
    free: Vec<usize>,
}

/// What is known of one socket.
struct Place {
    waker: OnceLock<Waker>,
    /// Something may be there to read, or accept.
    is_readable: AtomicBool,
    /// The end is among it, and is not told of again.
    is_ending: AtomicBool,
    /// Something else than reading waits: for room, or for a connection that is made.
    wants_room: AtomicBool,
}

impl Sockets {
    fn wake(&self, event: &Event) {
        let place = self.lock().places.get(event.token().0).cloned().flatten();
        // A socket that was dropped may have been ready before.
        if let Some(place) = place
            && place.notice(event)
            && let Some(waker) = place.waker.get()
        {
            waker.wake_by_ref();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        // Nothing that is done under the lock panics half-way.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Keeps what an event says, and says whether anybody waits for it. A peer that reads makes room again and again,
    /// which is news to those alone who had none.
    fn notice(&self, event: &Event) -> bool {
        let is_ending = event.is_read_closed() || event.is_error();
        if is_ending {
            self.is_ending.store(true, Ordering::Relaxed);
        }
        let is_readable = is_ending || event.is_readable();
        if is_readable {
            self.is_readable.store(true, Ordering::Relaxed);
        }
        let has_room = event.is_writable() && self.wants_room.swap(false, Ordering::Relaxed);
        is_readable || has_room
    }
}

/// A socket that is registered as long as it lives.
pub(super) struct Registered<S: Source> {
    socket: S,
    token: Token,
    place: Arc<Place>,
    sockets: Arc<Sockets>,
}

impl<S: Source> Registered<S> {
    pub(super) fn new(mut socket: S, sockets: &Arc<Sockets>) -> io::Result<Self> {
        let place = Arc::new(Place {
            waker: OnceLock::new(),
            is_readable: AtomicBool::new(true),
            is_ending: AtomicBool::new(false),
            wants_room: AtomicBool::new(false),
        });
        let token = {
            let mut places = sockets.lock();
            let index = places.free.pop().unwrap_or(places.places.len());
            if index == places.places.len() {
                places.places.push(None);
            }
            places.places[index] = Some(Arc::clone(&place));
            Token(index)
        };
        let registered =
            sockets.registry.register(&mut socket, token, Interest::READABLE | Interest::WRITABLE);
        let this = Self { socket, token, place, sockets: Arc::clone(sockets) };
        // If that failed, it takes itself off the list.
        registered.map(|()| this)
    }

    pub(super) fn get(&self) -> &S {
        &self.socket
    }

    /// Does something that may have to wait for room, or for a connection that is made: then the waker is called when
    /// it is worth another try. A socket has one waker for all its life.
    pub(super) fn attempt<R>(
        &mut self,
        cx: &Context<'_>,
        act: impl FnOnce(&mut S) -> io::Result<R>,
    ) -> std::task::Poll<io::Result<R>> {
        // Room that comes in between is not missed.
        self.place.wants_room.store(true, Ordering::Relaxed);
        let done = self.attempt_read(cx, act);
        if done.is_ready() {
            self.place.wants_room.store(false, Ordering::Relaxed);
        }
        done
    }

    /// The same for what waits until there is something to read, or accept.
    pub(super) fn attempt_read<R>(
        &mut self,
        cx: &Context<'_>,
        act: impl FnOnce(&mut S) -> io::Result<R>,
    ) -> std::task::Poll<io::Result<R>> {
        self.place.waker.get_or_init(|| cx.waker().clone());
        match act(&mut self.socket) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::task::Poll::Pending,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                cx.waker().wake_by_ref();
                std::task::Poll::Pending
            }
            done => std::task::Poll::Ready(done),
        }
    }

    /// Whether there may be something to read.
    pub(super) fn is_readable(&self) -> bool {
        self.place.is_readable.load(Ordering::Relaxed)
    }

    /// All that was there has been read: there is nothing before the system says so. Where the system wants to be asked
    /// in vain first, it will be.
    pub(super) fn drained(&self) {
        if cfg!(unix) && !self.place.is_ending.load(Ordering::Relaxed) {
            self.place.is_readable.store(false, Ordering::Relaxed);
        }
    }
}

impl<S: Source> Drop for Registered<S> {
    fn drop(&mut self) {
        // A socket that is closed is off the system's list anyway.
        let _ = self.sockets.registry.deregister(&mut self.socket);
        let mut places = self.sockets.lock();
        places.places[self.token.0] = None;
        places.free.push(self.token.0);
    }
}

/// No socket's.
const ALARM: Token = Token(usize::MAX);

/// How many sockets are told of at once; there are more behind them.
const EVENTS: usize = 1024;

#[cfg(all(test, feature = "threads"))]
mod tests {
    use super::*;

    use std::io::Write;
    use std::net::TcpStream as StdStream;

    use mio::net::TcpListener;

    /// What sockets do is not lost by a pause, and does not end it.
    #[test]
    fn a_pause_ends_when_somebody_calls() {
        let mut reactor = Reactor::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let mut listener = Registered::new(listener, reactor.sockets()).unwrap();
        let is_called = Arc::new(Flag::default());
        let waker = Waker::from(Arc::clone(&is_called));
        let cx = Context::from_waker(&waker);
        assert!(listener.attempt_read(&cx, |listener| listener.accept()).is_pending());

        reactor.prepare();
        let alarm = reactor.waker();
        let over = Arc::new(AtomicBool::new(false));
        let other = thread::spawn({
            let over = Arc::clone(&over);
            move || {
                let mut stream = StdStream::connect(address).unwrap();
                stream.write_all(b"something").unwrap();
                thread::sleep(Duration::from_millis(50));
                over.store(true, Ordering::SeqCst);
                alarm.wake();
                stream
            }
        });
        reactor.pause(Duration::from_secs(60));
        assert!(over.load(Ordering::SeqCst), "the pause has ended before");
        assert!(!is_called.0.load(Ordering::SeqCst));
        reactor.wait(Some(Duration::ZERO)).unwrap();
        assert!(is_called.0.load(Ordering::SeqCst), "there is somebody to accept");
        drop(other.join().unwrap());
    }

    #[test]
    fn who_was_called_before_does_not_pause() {
        let reactor = Reactor::new().unwrap();
        reactor.prepare();
        reactor.waker().wake();
        let begin = Instant::now();
        reactor.pause(Duration::from_secs(60));
        assert!(begin.elapsed() < Duration::from_secs(60));
    }

    #[derive(Default)]
    struct Flag(AtomicBool);

    impl Wake for Flag {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
}
