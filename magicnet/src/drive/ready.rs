//! Which of a transport's sources have something to do, in the order in which they said so.
//!
//! Each source has a waker of its own, a small allocation that lives as long as the source; waking it puts the source
//! in line, once, and wakes the driver. So a thousand connections need no task each, and a turn looks only at those
//! that are ready.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Wake, Waker};

/// The sources that are ready.
pub(super) struct ReadyQueue<S> {
    line: Arc<Mutex<Line<S>>>,
    /// Those whose turn it is.
    turn: VecDeque<Arc<Place<S>>>,
}

impl<S: Copy + Send + Sync + 'static> ReadyQueue<S> {
    pub(super) fn new() -> Self {
        let line = Line { ready: VecDeque::new(), driver: None };
        Self { line: Arc::new(Mutex::new(line)), turn: VecDeque::new() }
    }

    /// What puts `source` in line.
    pub(super) fn waker(&self, source: S) -> Waker {
        Waker::from(Arc::new(Place {
            source,
            is_in_line: AtomicBool::new(false),
            line: Arc::downgrade(&self.line),
        }))
    }

    /// A turn begins for those that are ready. Those that get ready meanwhile wait for the next one, so that it ends.
    /// Nobody is woken by them: the driver is awake.
    pub(super) fn begin_turn(&mut self) {
        let mut line = lock(&self.line);
        line.driver = None;
        if self.turn.is_empty() {
            mem::swap(&mut self.turn, &mut line.ready);
        } else {
            self.turn.append(&mut line.ready);
        }
    }

    /// A turn is over: the next source that gets ready wakes `driver`. If some are ready already, says no: then the
    /// driver must not sleep.
    pub(super) fn end_turn(&self, driver: &Waker) -> bool {
        let mut line = lock(&self.line);
        let may_sleep = self.turn.is_empty() && line.ready.is_empty();
        line.driver = may_sleep.then(|| driver.clone());
        may_sleep
    }

    /// The one of this turn that has been ready for longest; if it is woken from here on, it stands in line again.
    pub(super) fn next(&mut self) -> Option<S> {
        let first = self.turn.pop_front()?;
        first.is_in_line.store(false, Ordering::Release);
        Some(first.source)
    }
}

impl<S> fmt::Debug for ReadyQueue<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ready = self.turn.len() + lock(&self.line).ready.len();
        f.debug_struct("ReadyQueue").field("ready", &ready).finish_non_exhaustive()
    }
}

struct Line<S> {
    ready: VecDeque<Arc<Place<S>>>,
    /// Who sleeps until a source is ready; nobody while the driver takes a turn, or once it was woken.
    driver: Option<Waker>,
}

struct Place<S> {
    source: S,
    is_in_line: AtomicBool,
    /// The driver alone keeps the line alive; what outlives it wakes nobody.
    line: Weak<Mutex<Line<S>>>,
}

impl<S: Copy + Send + Sync + 'static> Wake for Place<S> {
    fn wake(self: Arc<Self>) {
        if !self.is_in_line.swap(true, Ordering::AcqRel) {
            self.join_line();
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_in_line.swap(true, Ordering::AcqRel) {
            Arc::clone(self).join_line();
        }
    }
}

impl<S> Place<S> {
    fn join_line(self: Arc<Self>) {
        let Some(line) = self.line.upgrade() else { return };
        let driver = {
            let mut line = lock(&line);
            line.ready.push_back(self);
            line.driver.take()
        };
        if let Some(driver) = driver {
            driver.wake();
        }
    }
}

/// Nothing that is done under the lock can panic half-way, so a poisoned one is as good as any.
fn lock<S>(line: &Mutex<Line<S>>) -> MutexGuard<'_, Line<S>> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn sources_stand_in_line_once_and_in_order() {
        let mut ready = ReadyQueue::new();
        let [a, b] = ['a', 'b'].map(|source| ready.waker(source));
        b.wake_by_ref();
        a.wake_by_ref();
        b.wake_by_ref();
        ready.begin_turn();
        assert_eq!(ready.next(), Some('b'));
        b.wake_by_ref();
        ready.begin_turn();
        assert_eq!([ready.next(), ready.next(), ready.next()], [Some('a'), Some('b'), None]);
    }

    #[test]
    fn a_driver_that_sleeps_is_woken_once() {
        struct Count(AtomicUsize);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let driver = Waker::from(Arc::clone(&count));
        let mut ready = ReadyQueue::new();
        let [a, b] = [1, 2].map(|source| ready.waker(source));
        assert!(ready.end_turn(&driver), "nothing is ready");
        a.wake_by_ref();
        b.wake_by_ref();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        ready.begin_turn();
        assert_eq!(ready.next(), Some(1));
        assert!(!ready.end_turn(&driver), "one has not had its turn");
        assert_eq!(ready.next(), Some(2));
        a.wake_by_ref();
        assert_eq!(ready.next(), None, "that is for the next turn");
        assert_eq!(count.0.load(Ordering::Relaxed), 1, "it is awake");
        assert!(!ready.end_turn(&driver), "and must not sleep");
    }

    #[test]
    fn a_waker_may_outlive_the_line() {
        let ready = ReadyQueue::new();
        let waker = ready.waker(1);
        drop(ready);
        waker.wake();
    }
}
