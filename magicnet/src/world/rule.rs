//! Rules of the application's for who may: functions that look at the sender, named in contracts and messages.
//!
//! A rule is asked where something is received, before its arguments are decoded; where it is sent, nobody asks. A
//! rule looks and says yes or no: what it knows of the sender is what the application keeps with the
//! [`Connection`], by [`Connection::get`].

use std::any::Any;
use std::fmt;

use super::connection::Connection;
use super::contract::Contract;
use super::id::{Object, ObjectId, Repository};
use super::store::ObjectHeader;
use crate::line::ZoneId;

/// The object that a call is for, as a rule for its callers sees it: `#[network_field(from = path)]`.
pub struct Subject<'a, C: Contract> {
    header: &'a ObjectHeader,
    state: &'a C::State,
}

impl<'a, C: Contract> Subject<'a, C> {
    pub(crate) fn new(header: &'a ObjectHeader, state: &'a C::State) -> Self {
        Self { header, state }
    }

    /// The object.
    pub fn object(&self) -> Object<C> {
        Object::new(self.id())
    }

    /// The object's name.
    pub fn id(&self) -> ObjectId {
        self.header.id
    }

    /// The zone that the object is in.
    pub fn zone(&self) -> ZoneId {
        self.header.zone
    }

    /// Whom the object belongs to.
    pub fn owned_by(&self) -> Repository {
        self.header.owner
    }

    /// Whether the object belongs to `sender`.
    pub fn is_owned_by(&self, sender: &Connection) -> bool {
        sender.repository() == Some(self.header.owner)
    }

    /// The replicated state.
    pub fn state(&self) -> &'a C::State {
        self.state
    }
}

impl<C: Contract> fmt::Debug for Subject<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("object", &self.id()).finish_non_exhaustive()
    }
}

/// What can be said after `create =` of a contract and after `allow =` of a message: `fn(&Connection) -> bool`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say of a sender whether it may",
    label = "must be a `fn(&Connection) -> bool`"
)]
pub trait SenderRule {
    fn accepts(&self, sender: &Connection) -> bool;
}

#[diagnostic::do_not_recommend]
impl<F: Fn(&Connection) -> bool> SenderRule for F {
    fn accepts(&self, sender: &Connection) -> bool {
        self(sender)
    }
}

/// What can be said after `from =` of a call: a function of the sender, or of the sender and the object. `M` says
/// which.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say of a sender whether it may make this call",
    label = "must be a `fn(&Connection) -> bool` or a `fn(&Connection, &Subject<'_, Contract>) -> bool`"
)]
pub trait CallerRule<C: Contract, M> {
    fn accepts(&self, sender: &Connection, subject: &Subject<'_, C>) -> bool;
}

/// A rule that looks at the sender alone.
#[doc(hidden)]
#[derive(Debug)]
pub enum OfSender {}

/// A rule that looks at the object too.
#[doc(hidden)]
#[derive(Debug)]
pub enum OfBoth {}

#[diagnostic::do_not_recommend]
impl<C: Contract, F: Fn(&Connection) -> bool> CallerRule<C, OfSender> for F {
    fn accepts(&self, sender: &Connection, _: &Subject<'_, C>) -> bool {
        self(sender)
    }
}

#[diagnostic::do_not_recommend]
impl<C: Contract, F: Fn(&Connection, &Subject<'_, C>) -> bool> CallerRule<C, OfBoth> for F {
    fn accepts(&self, sender: &Connection, subject: &Subject<'_, C>) -> bool {
        self(sender, subject)
    }
}

/// Asks a rule of a message's, for generated code. `sender` is the connection: messages are declared below the layer
/// that knows of it.
#[doc(hidden)]
pub fn accepts_sender(rule: &impl SenderRule, sender: &dyn Any) -> bool {
    sender.downcast_ref::<Connection>().is_some_and(|sender| rule.accepts(sender))
}
