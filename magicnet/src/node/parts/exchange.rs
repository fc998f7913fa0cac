//! One direction between two threads: a writer leaves batches, a reader takes all that is there at once.
//!
//! There is one lock, held for a swap or a copy, and one wake-up for as much as gathers until the reader comes. Memory
//! goes round: whoever leaves a batch gets back one that was used before.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use crate::line::{News, Turn};

/// Things in order that can be put behind others of their kind.
pub(super) trait Batch: Default {
    fn is_empty(&self) -> bool;

    /// How much memory it takes.
    fn weight(&self) -> usize;

    /// Moves what `later` has behind what is here.
    fn append(&mut self, later: &mut Self);

    fn clear(&mut self);
}

/// What one side leaves for the other.
pub(super) struct Exchange<B> {
    state: Mutex<State<B>>,
    /// It is full from this weight on.
    limit: usize,
    writer: Arc<Bell>,
    reader: Arc<Bell>,
}

struct State<B> {
    batch: B,
    /// The writer has found it full.
    is_awaited: bool,
    /// A side is gone.
    is_closed: bool,
}

impl<B: Batch> Exchange<B> {
    pub(super) fn new(limit: usize, writer: &Arc<Bell>, reader: &Arc<Bell>) -> Self {
        let state = State { batch: B::default(), is_awaited: false, is_closed: false };
        let (writer, reader) = (Arc::clone(writer), Arc::clone(reader));
        Self { state: Mutex::new(state), limit, writer, reader }
    }

    /// Leaves what is in `batch`, and wakes the reader if it has nothing to take yet. Nobody takes it if the other side
    /// is gone.
    pub(super) fn give(&self, batch: &mut B) {
        if batch.is_empty() {
            return;
        }
        let mut state = self.lock();
        if state.is_closed {
            return batch.clear();
        }
        if state.batch.is_empty() {
            std::mem::swap(&mut state.batch, batch);
            drop(state);
            self.reader.ring();
        } else {
            state.batch.append(batch);
        }
    }

    /// Takes everything into `batch`, which must be empty: its memory serves the next ones.
    pub(super) fn take(&self, batch: &mut B) {
        debug_assert!(batch.is_empty(), "what was taken is used first");
        let mut state = self.lock();
        std::mem::swap(&mut state.batch, batch);
        if std::mem::take(&mut state.is_awaited) {
            drop(state);
            self.writer.ring();
        }
    }

    /// Whether so much waits that the writer had better wait too; it is woken when that was taken.
    pub(super) fn is_full(&self) -> bool {
        let mut state = self.lock();
        let is_full = state.batch.weight() >= self.limit && !state.is_closed;
        state.is_awaited |= is_full;
        is_full
    }

    /// Whether there is nothing to take. Who comes to that is woken by what is left from then on.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().batch.is_empty()
    }

    /// How much waits.
    #[cfg(test)]
    pub(super) fn weight(&self) -> usize {
        self.lock().batch.weight()
    }

    /// A side is gone: what the other one leaves is not kept any more, what it left can still be taken.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.writer.ring();
        self.reader.ring();
    }

    /// Whether a side is gone, and nothing is left to take.
    pub(super) fn is_over(&self) -> bool {
        let state = self.lock();
        state.is_closed && state.batch.is_empty()
    }

    /// Under the lock things are only moved, so a panic elsewhere leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, State<B>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B> fmt::Debug for Exchange<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Batch for News {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn weight(&self) -> usize {
        self.weight()
    }

    fn append(&mut self, later: &mut Self) {
        self.append(later);
    }

    fn clear(&mut self) {
        self.clear();
    }
}

impl Batch for Turn {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn weight(&self) -> usize {
        self.weight()
    }

    fn append(&mut self, later: &mut Self) {
        self.append(later, |command| command);
        later.clear();
    }

    fn clear(&mut self) {
        self.clear();
    }
}

/// Wakes whoever drives one side.
#[derive(Debug)]
pub(super) struct Bell(Mutex<Waker>);

impl Bell {
    /// One that nobody hears yet.
    pub(super) fn new() -> Self {
        Self(Mutex::new(Waker::noop().clone()))
    }

    /// Who is woken from now on.
    pub(super) fn set_waker(&self, driver: &Waker) {
        self.lock().clone_from(driver);
    }

    fn ring(&self) {
        // Not under the lock: waking runs code of the driver's.
        let driver = self.lock().clone();
        driver.wake();
    }

    fn lock(&self) -> MutexGuard<'_, Waker> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
