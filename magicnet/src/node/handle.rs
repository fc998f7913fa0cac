//! Reaching a node from outside of its callbacks, from any thread.

use std::future::{Future, IntoFuture};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;

use futures_channel::oneshot;

use super::inbox::Inbox;
use crate::line::{ConnectionId, Disconnect, Ending, ZoneId};
use crate::world::{Contract, Create, CreateError, NodeCx, Object, SeeZonesError};

/// What waits for the node's next turn.
pub(crate) enum Command {
    /// Something to do.
    Run(Box<dyn FnOnce(&mut NodeCx<'_>) + Send>),
    /// Someone who waits for the handshake with a server.
    AwaitConnected(oneshot::Sender<Result<ConnectionId, ConnectError>>),
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Command")
    }
}

/// A way into a running node: clone it, send it to other threads, keep it as long as you like.
///
/// What it asks for is done by the node's driver, between turns, in the order of asking.
#[derive(Clone, Debug)]
pub struct NodeHandle {
    inbox: Arc<Inbox<Command>>,
}

/// The node has stopped; nothing more can be asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the node has stopped")]
pub struct Stopped;

/// Why there is no handshaken connection to a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The connection ended before the handshake was finished.
    #[error("the handshake failed: {0}")]
    Refused(Ending),
    /// The node has no connection to a server, and none to open.
    #[error("not connected to a server")]
    NotConnected,
    /// The node has stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl NodeHandle {
    pub(super) fn new(inbox: Arc<Inbox<Command>>) -> Self {
        Self { inbox }
    }

    /// Does something with the node, and gives back what `act` returns.
    ///
    /// It is asked for at once; dropping the future does not take it back.
    ///
    /// # Errors
    ///
    /// When the node has stopped before it was done.
    ///
    /// # Panics
    ///
    /// If `act` does: a panic in it goes to who awaits it, and the node goes on.
    pub fn run<R, F>(&self, act: F) -> impl Future<Output = Result<R, Stopped>> + Send + use<R, F>
    where
        R: Send + 'static,
        F: FnOnce(&mut NodeCx<'_>) -> R + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let posted = self.post(move |cx| {
            let outcome = catch_unwind(AssertUnwindSafe(|| act(cx)));
            // Whoever asked may not wait any more; a panic is the node's to tell of then.
            if let Err(Err(panic)) = answer.send(outcome) {
                resume_unwind(panic);
            }
        });
        async move {
            posted?;
            let outcome = answered.await.map_err(|oneshot::Canceled| Stopped)?;
            outcome.or_else(|panic| resume_unwind(panic))
        }
    }

    /// Does something with the node, without waiting for it.
    ///
    /// # Errors
    ///
    /// When the node has stopped already.
    pub fn post(&self, act: impl FnOnce(&mut NodeCx<'_>) + Send + 'static) -> Result<(), Stopped> {
        self.push(Command::Run(Box::new(act)))
    }

    /// A new object of the contract `C`: say what it is to be, then await it.
    ///
    /// Where another node has authority, it is there when the server has acknowledged it; a handshake that is still on
    /// its way is waited for.
    pub fn create<C: Contract>(&self) -> Create<Self, C> {
        Create::new(self.clone())
    }

    /// On a client: asks to see exactly these zones, and waits until all that is in them has come; a handshake that is
    /// still on its way is waited for. Returns the zones that the server lets it see, sorted: its policy may allow
    /// fewer, or grant others.
    ///
    /// Dropping the future does not take the request back. A later change of zones does not end it: each is answered,
    /// in order.
    ///
    /// # Errors
    ///
    /// When the server does not [show zones by itself](crate::Interest), and when it cannot be asked or is lost; see
    /// [`SeeZonesError`].
    pub fn see_zones<I>(
        &self,
        zones: I,
    ) -> impl Future<Output = Result<Vec<ZoneId>, SeeZonesError>> + Send + use<I>
    where
        I: IntoIterator<Item: Into<ZoneId>>,
    {
        let zones = zones.into_iter().map(Into::into).collect();
        let node = self.clone();
        async move {
            node.connected().await.map_err(|error| match error {
                ConnectError::Refused(_) => SeeZonesError::Disconnected,
                ConnectError::NotConnected => SeeZonesError::NotConnected,
                ConnectError::Stopped(_) => SeeZonesError::Stopped,
            })?;
            let (answer, answered) = oneshot::channel();
            let shown = Box::new(|outcome| {
                // Whoever asked may not wait any more.
                let _ = answer.send(outcome);
            });
            node.post(|cx| cx.see_zones(zones, shown)).map_err(|Stopped| SeeZonesError::Stopped)?;
            answered.await.unwrap_or(Err(SeeZonesError::Stopped))
        }
    }

    /// Waits until the handshake with a server is finished, if it is not already.
    ///
    /// # Errors
    ///
    /// When the connection ends before, with the reason; when there is none, and none on its way.
    pub fn connected(&self) -> impl Future<Output = Result<ConnectionId, ConnectError>> + Send + use<> {
        let (answer, answered) = oneshot::channel();
        let pushed = self.push(Command::AwaitConnected(answer));
        async move {
            pushed?;
            answered.await.unwrap_or(Err(ConnectError::Stopped(Stopped)))
        }
    }

    /// Ends all connections with SHUTDOWN and then the node.
    ///
    /// # Errors
    ///
    /// When the node has stopped already.
    pub fn shutdown(&self) -> Result<(), Stopped> {
        self.post(|cx| cx.shutdown())
    }

    /// The same with a reason, which every peer is told.
    ///
    /// # Errors
    ///
    /// When the node has stopped already.
    pub fn shutdown_with(&self, why: Disconnect) -> Result<(), Stopped> {
        self.post(|cx| cx.shutdown_with(why))
    }

    /// Waits for a handshake that is on its way, where another node has authority.
    async fn can_create(&self) -> Result<(), CreateError> {
        if self.run(|cx| cx.has_authority()).await.map_err(|Stopped| CreateError::Stopped)? {
            return Ok(());
        }
        self.connected().await.map(|_| ()).map_err(|error| match error {
            ConnectError::Refused(_) => CreateError::Disconnected,
            ConnectError::NotConnected => CreateError::NotConnected,
            ConnectError::Stopped(_) => CreateError::Stopped,
        })
    }

    fn push(&self, command: Command) -> Result<(), Stopped> {
        self.inbox.push(command).map_err(|_refused| Stopped)
    }
}

impl<C: Contract> IntoFuture for Create<NodeHandle, C> {
    type Output = Result<Object<C>, CreateError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let (answer, answered) = oneshot::channel();
        let Self { to, spec, .. } = self;
        Box::pin(async move {
            to.can_create().await?;
            let posted = to.post(move |cx| {
                let done = Box::new(|outcome| {
                    // Whoever asked may not wait any more.
                    let _ = answer.send(outcome);
                });
                // The outcome goes through `done`.
                let _ = cx.create_object(C::OBJECT, spec, Some(done));
            });
            posted.map_err(|Stopped| CreateError::Stopped)?;
            answered.await.unwrap_or(Err(CreateError::Stopped)).map(Object::new)
        })
    }
}
