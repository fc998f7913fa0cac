//! Who is let in: a client that has greeted gets its place at once, or when the application says so.
//!
//! The application's word may take its time, as the answer of a database does; the node does not wait for it. Until
//! then the handshake is not finished, and has its time and its number as all have ([`Limits`](crate::Limits)).

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::event::Connected;
use super::id::Repository;
use super::node_cx::NodeCx;
use super::scene::panic_text;
use super::{REPOSITORY, World};
use crate::line::{Command, ConnectionId, Disconnect, Turn};
use crate::wire::DisconnectReason;

/// What an application says of a client that has greeted, for
/// [`NodeBuilder::authenticate`](crate::NodeBuilder::authenticate).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it is the answer to who is let in"]
#[non_exhaustive]
pub enum Admission {
    /// It is let in.
    Admit,
    /// It is not, and is told why.
    Refuse(Disconnect),
    /// That is not known yet: [`NodeCx::admit`] or [`NodeCx::disconnect`] will say, by way of a
    /// [`NodeHandle`](crate::NodeHandle) after some work elsewhere, or in the handler of a message that says
    /// `before_handshake`. If neither does in [time](crate::Limits::handshake_timeout), it is disconnected.
    Later,
}

impl From<Disconnect> for Admission {
    fn from(why: Disconnect) -> Self {
        Self::Refuse(why)
    }
}

type Ask = Box<dyn FnMut(&mut NodeCx<'_>, ConnectionId) -> Admission + Send>;

/// Whom the application asks to be let in, if it wants to be asked.
#[derive(Default)]
pub(crate) struct Authenticator(Option<Ask>);

impl Authenticator {
    pub(crate) fn new(ask: impl FnMut(&mut NodeCx<'_>, ConnectionId) -> Admission + Send + 'static) -> Self {
        Self(Some(Box::new(ask)))
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authenticator").field(&self.0.is_some()).finish()
    }
}

impl World {
    /// A client has greeted: it gets its place, unless it was built from another schema or the application has a word
    /// in it.
    pub(super) fn knock(&mut self, turn: &mut Turn, connection: ConnectionId) {
        self.announce(turn, connection);
        if !self.agrees(turn, connection) {
            return;
        }
        let Some(mut ask) = self.authenticator.0.take() else {
            return self.welcome(turn, connection);
        };
        if let Some(known) = self.desk.connections.get_mut(connection) {
            known.is_waiting = true;
        }
        let answer = catch_unwind(AssertUnwindSafe(|| ask(&mut self.enter(turn), connection)));
        self.authenticator.0 = Some(ask);
        match answer {
            Ok(Admission::Admit) => {
                self.admit(turn, connection);
            }
            Ok(Admission::Refuse(why)) => turn.close(connection, why.reason, &why.detail),
            Ok(Admission::Later) => {}
            Err(panic) => {
                let what = format!("who is let in was not said: {}", panic_text(&*panic));
                self.desk.warn(Some(connection), what);
                turn.close(connection, DisconnectReason::NOT_ADMITTED, "");
            }
        }
    }

    /// Lets a client in that waits for that; says whether it did.
    pub(super) fn admit(&mut self, turn: &mut Turn, connection: ConnectionId) -> bool {
        let known = self.desk.connections.get_mut(connection);
        let was_waiting = known.is_some_and(|known| std::mem::take(&mut known.is_waiting));
        if was_waiting {
            self.welcome(turn, connection);
        }
        was_waiting
    }

    /// Gives a client its place.
    fn welcome(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let repository = self.next_repository();
        self.desk.connections.give_repository(connection, repository);
        let Some(known) = self.desk.connections.get_mut(connection) else {
            return;
        };
        known.ready = true;
        turn.command(Command::Admit(connection, known.group));
        self.share(turn, connection, REPOSITORY, |w| w.unsigned(repository.0.into()));
        self.show_granted_zones(turn, connection);
        self.apply_chosen_zones(turn, connection);
        self.desk.event(Connected { connection });
    }

    /// A repository that no connection has and no object names.
    fn next_repository(&mut self) -> Repository {
        loop {
            let next = self.last_repository.0.checked_add(1).unwrap_or(Repository::FIRST_OF_CONNECTIONS.0);
            self.last_repository = Repository(next);
            let taken = self.desk.connections.owner(self.last_repository).is_some();
            if !taken && !self.objects.names(self.last_repository) {
                return self.last_repository;
            }
        }
    }
}
