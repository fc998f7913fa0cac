//! What other threads leave for a node: commands, in order, and a way to wake who drives it.
//!
//! The node takes them when its driver lets it; until then they wait here, not bounded: who sends them is part of this
//! program.

use std::fmt;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// Commands for a node, from any thread.
pub(crate) struct Inbox<C> {
    state: Mutex<State<C>>,
}

struct State<C> {
    commands: Vec<C>,
    /// The node is gone.
    is_closed: bool,
    driver: Waker,
}

impl<C> Inbox<C> {
    /// Leaves a command and wakes the driver.
    ///
    /// # Errors
    ///
    /// The command comes back if the node is gone.
    pub(crate) fn push(&self, command: C) -> Result<(), C> {
        let driver = {
            let mut state = self.lock();
            if state.is_closed {
                return Err(command);
            }
            state.commands.push(command);
            state.driver.clone()
        };
        driver.wake();
        Ok(())
    }

    /// Moves all commands into `taken`, which must be empty: its memory serves the next ones.
    pub(crate) fn take_all(&self, taken: &mut Vec<C>) {
        debug_assert!(taken.is_empty(), "commands that were taken are run first");
        mem::swap(&mut self.lock().commands, taken);
    }

    /// Who is woken by the next command.
    pub(crate) fn set_waker(&self, driver: &Waker) {
        self.lock().driver.clone_from(driver);
    }

    /// Refuses commands from now on and drops those that wait; the node calls it as it goes.
    pub(crate) fn close(&self) {
        let waiting = {
            let mut state = self.lock();
            state.is_closed = true;
            state.driver = Waker::noop().clone();
            mem::take(&mut state.commands)
        };
        // Dropping a command may wake who waits for its answer: not under the lock.
        drop(waiting);
    }

    /// Commands are only moved under the lock, so a panic elsewhere leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> Default for Inbox<C> {
    fn default() -> Self {
        let state = State { commands: Vec::new(), is_closed: false, driver: Waker::noop().clone() };
        Self { state: Mutex::new(state) }
    }
}

impl<C> fmt::Debug for Inbox<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.lock().commands.len();
        f.debug_struct("Inbox").field("waiting", &waiting).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_come_out_in_order_and_memory_goes_round() {
        let inbox = Inbox::default();
        let mut taken = Vec::new();
        for round in 0..3 {
            inbox.push(round).unwrap();
            inbox.push(round + 10).unwrap();
            inbox.take_all(&mut taken);
            assert_eq!(taken, [round, round + 10]);
            taken.clear();
        }
    }

    #[test]
    fn a_closed_inbox_gives_commands_back() {
        let inbox = Inbox::default();
        inbox.push("early").unwrap();
        inbox.close();
        assert_eq!(inbox.push("late"), Err("late"));
        let mut taken = Vec::new();
        inbox.take_all(&mut taken);
        assert!(taken.is_empty());
    }
}
