//! Stubs: what generated calls are sent through.

use std::fmt;

use super::contract::ErasedState;
use crate::line::ConnectionId;
use crate::wire::{ArgumentsWriter, Writer};

/// Where a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The node that has authority over the object.
    Server,
    /// Everyone who sees the object.
    Viewers,
    /// The connection of the object's owner.
    Owner,
    /// One connection.
    Connection(ConnectionId),
    /// Everyone who sees the object where this node has authority, else the node that has.
    Peers,
}

/// Takes calls that stubs make.
pub(crate) trait CallSink {
    /// Sends a call of the field `field` of the role numbered `role`.
    ///
    /// `state` is the state of the calling object, if a handler of it is running: what changed in it goes first.
    fn call(
        &self,
        state: Option<&dyn ErasedState>,
        target: Target,
        place: (u8, u8),
        arguments: &mut dyn FnMut(&mut Writer<'_>),
    );
}

/// The inside of a generated stub.
#[derive(Clone, Copy)]
pub struct Stub<'a> {
    sink: &'a dyn CallSink,
    state: Option<&'a dyn ErasedState>,
    target: Target,
}

impl<'a> Stub<'a> {
    pub(crate) fn new(sink: &'a dyn CallSink, state: Option<&'a dyn ErasedState>, target: Target) -> Self {
        Self { sink, state, target }
    }

    /// Makes the call at `(role, field)` with `count` arguments, which `write` puts in.
    pub fn call(&self, place: (u8, u8), count: usize, write: impl Fn(&mut ArgumentsWriter<'_, '_>)) {
        self.sink.call(self.state, self.target, place, &mut |w| write(&mut ArgumentsWriter::open(w, count)));
    }
}

impl fmt::Debug for Stub<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stub").field("target", &self.target).finish_non_exhaustive()
    }
}

/// What the user of a stub may, as types: generated calls ask for them.
pub mod permission {
    /// The caller is any node that sees the object.
    #[derive(Clone, Copy, Debug)]
    pub enum Anyone {}

    /// The caller owns the object: the capability that `owned()` hands out.
    #[derive(Clone, Copy, Debug)]
    pub enum Owner {}

    /// The caller has authority over the object.
    #[derive(Clone, Copy, Debug)]
    pub enum Authority {}

    /// The call goes either way: to the server, or to every viewer.
    #[derive(Clone, Copy, Debug)]
    pub enum ToPeers {}

    /// Every viewer receives the call.
    #[derive(Clone, Copy, Debug)]
    pub enum ToViewers {}

    /// The object's owner receives the call.
    #[derive(Clone, Copy, Debug)]
    pub enum ToOwner {}

    /// One connection receives the call.
    #[derive(Clone, Copy, Debug)]
    pub enum ToOne {}
}
