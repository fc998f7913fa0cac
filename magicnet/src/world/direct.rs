//! The direct form: what `#[network_object]` on a struct and on its `impl` implement, each by itself.
//!
//! Neither macro sees the other's item, nor that of the peer, so they meet here: the struct says which role it has
//! and what its state is ([`DirectView`], [`DirectContract`]), the `impl` which calls it answers ([`DirectCalls`]).
//! The struct that has the state is the contract, and both tables are joined at compile time.

use std::marker::PhantomData;

use super::contract::{Contract, Side};
use super::stub::Stub;
use crate::schema::FieldDescriptor;
use crate::wire::{Arguments, DecodeError, Writer};

/// A struct with `#[network_object]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no view in the direct form",
    label = "its struct has no `#[network_object]`",
    note = "write `#[network_object(name = \"...\", role = server)]` on the struct, or `client` or `both`"
)]
pub trait DirectView: Side + Send {
    /// The number of its role.
    const NUMBER: u8;
    /// The number of the first call that it answers.
    const FIRST_CALL: u8;
    /// Whether its own fields are the state.
    const HAS_STATE: bool = false;

    /// Gives its fields the values that they say they begin with.
    fn prepare(&mut self) {}

    /// Writes the array of arguments that sets a property.
    fn encode(&self, _property: usize, _w: &mut Writer<'_>) {}

    /// Sets a property from such an array.
    ///
    /// # Errors
    ///
    /// When the arguments are not of the property's type; the property is unchanged then.
    fn decode(&mut self, _property: usize, _arguments: &mut Arguments<'_>) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// The struct with the state, which is the contract.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no contract in the direct form",
    label = "its struct is no server's view with `#[network_object]`",
    note = "write `#[network_object(name = \"...\", role = server, peer = ...)]` on the struct of the server's view"
)]
pub trait DirectContract: Contract {
    /// The number of the client's role.
    const CLIENT_NUMBER: u8;
    /// How many fields the state has in the client's table.
    const FIRST_CLIENT_CALL: u8;
}

/// The calls that a struct answers: `#[network_object]` on its `impl`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` answers no calls: its `impl` is missing",
    label = "there is no `#[network_object] impl {Self}`",
    note = "write `#[network_object] impl {Self} {{ .. }}`, and if it answers nothing, leave the braces empty"
)]
pub trait DirectCalls {
    /// The stub for those who call it as the server's view.
    type ToServer<'a, P>;
    /// The stub for those who call it as a client's view.
    type ToClients<'a, P>;
    /// Their part of the role's table.
    const CALLS: &'static [FieldDescriptor];

    #[doc(hidden)]
    fn to_server<P>(stub: Stub<'_>) -> Self::ToServer<'_, P>;
    #[doc(hidden)]
    fn to_clients<P>(stub: Stub<'_>) -> Self::ToClients<'_, P>;
}

/// The stub of a view that answers no calls which go this way.
#[derive(Debug)]
pub struct NoCalls<'a, P> {
    sink: PhantomData<&'a ()>,
    permission: PhantomData<fn() -> P>,
}

impl<P> NoCalls<'_, P> {
    #[doc(hidden)]
    pub const NONE: Self = Self { sink: PhantomData, permission: PhantomData };
}

/// A client's view that names `V` as its peer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the client's view that belongs to `{V}`",
    label = "not the peer of `{V}`",
    note = "write `#[network_object(name = \"...\", role = client, peer = {V})]` on the struct `{Self}`"
)]
pub trait ClientOf<V> {}

/// A server's view that names `V` as its peer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the server's view that belongs to `{V}`",
    label = "not the peer of `{V}`",
    note = "write `#[network_object(name = \"...\", role = server, peer = {V})]` on the struct `{Self}`"
)]
pub trait ServerOf<V> {}

/// A view with `role = server`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the server's view, so this call is not made to it",
    label = "calls with `from` alone are the server's to answer",
    note = "in `role = client` a call says who receives it, as in `to = viewers`; in `role = both` it says both"
)]
pub trait AnswersAsServer {}

/// A view with `role = client`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a client's view, so it does not receive this call",
    label = "calls with `to` alone are a client's to answer",
    note = "in `role = server` a call says who makes it, as in `from = owner`; in `role = both` it says both"
)]
pub trait AnswersAsClient {}

/// A view with `role = both`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the view of every node, so a call goes one way",
    label = "calls with `from` and `to` are for `role = both`",
    note = "in `role = server` write `from` alone, in `role = client` write `to` alone"
)]
pub trait AnswersAsBoth {}

/// A view that is told of changes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` changes the state itself, so nothing tells it of changes",
    label = "only views of clients are told",
    note = "write it in the peer's `impl`, or give it another name if it is something else"
)]
pub trait IsTold {}

// What generated constants ask.

/// Does not compile if `P` is not the client's view that belongs to `V`.
pub const fn is_client_of<V, P: ClientOf<V>>() {}

/// Does not compile if `P` is not the server's view that belongs to `V`.
pub const fn is_server_of<V, P: ServerOf<V>>() {}

/// Does not compile if `V` is not the server's view.
pub const fn answers_as_server<V: AnswersAsServer>() {}

/// Does not compile if `V` is not a client's view.
pub const fn answers_as_client<V: AnswersAsClient>() {}

/// Does not compile if `V` is not the view of every node.
pub const fn answers_as_both<V: AnswersAsBoth>() {}

/// Does not compile if `V` is the view that changes the state.
pub const fn is_told<V: IsTold>() {}

/// One table of two parts, `N` being the sum of their lengths.
pub const fn join<const N: usize>(
    first: &[FieldDescriptor],
    second: &[FieldDescriptor],
) -> [FieldDescriptor; N] {
    let mut all = [FieldDescriptor::NONE; N];
    let mut at = 0;
    while at < first.len() {
        all[at] = first[at];
        at += 1;
    }
    while at < N {
        all[at] = second[at - first.len()];
        at += 1;
    }
    all
}

/// Whether the fields of a table have different names.
pub const fn names_differ(fields: &[FieldDescriptor]) -> bool {
    let mut one = 0;
    while one < fields.len() {
        let mut other = one + 1;
        while other < fields.len() {
            if is_same(fields[one].name, fields[other].name) {
                return false;
            }
            other += 1;
        }
        one += 1;
    }
    true
}

/// Whether two texts are equal.
pub const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
