//! Records what happens, in order, for a test to look at.

use std::sync::{Arc, Mutex, PoisonError};

/// A list that handlers append to from wherever they run.
#[derive(Debug)]
pub struct Recorder<T>(Arc<Mutex<Vec<T>>>);

impl<T> Recorder<T> {
    /// An empty one.
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Appends.
    pub fn push(&self, item: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(item);
    }

    /// Takes everything recorded so far.
    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T> Clone for Recorder<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Recorder<T> {
    fn default() -> Self {
        Self::new()
    }
}
