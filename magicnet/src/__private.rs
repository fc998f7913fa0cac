//! Not public API: what generated code refers to.

pub use inventory;

#[cfg(all(feature = "testing", any(feature = "tokio", feature = "threads", feature = "poll")))]
pub use crate::drive::probe;
pub use crate::schema::{
    Allow, Argument, Caller, CheckedArgument, Creator, DecodeMessage, DefaultArgument, FieldDescriptor,
    FieldKind, MessageDescriptor, NEVER, ObjectDescriptor, OwnerLeft, Parameter, Persist, Presence, Receiver,
    Rest, RestArgument, Role, RoleDescriptor, Sender, Source, Via, fits, parameter, rest_len,
};
pub use crate::wire::{
    Arguments, ArgumentsWriter, Decode, DecodeError, Key, Member, MessageId, NetworkType, Reader, Shape,
    Variant, Writer, variant,
};
pub use crate::world::{
    AnswersAsBoth, AnswersAsClient, AnswersAsServer, BuildView, CallerRule, ClientOf, ClientSide, Connection,
    Contract, ContractEntry, DirectCalls, DirectContract, DirectView, Dispatch, Handle, HandlerEntry,
    HandlerError, HandlerOutcome, HandlerRef, InitialValue, IsTold, KeepsState, MessageEntry, NoCalls,
    NothingSaysInitCreator, ObjectState, OfBoth, OfSender, SenderRule, ServerOf, ServerSide, Side,
    SlotDescriptor, StateSide, Stub, Subject, Symmetric, ViewEntry, accepts_sender, answers_as_both,
    answers_as_client, answers_as_server, is_client_of, is_same, is_server_of, is_told, join, names_differ,
    permission,
};

/// A default of Python's, from the bytes that a peer would have sent for the argument.
pub fn imported<'de, P: Argument<F, I> + ?Sized, const F: usize, const I: usize>(
    bytes: &'static [u8],
) -> P::Type<'de> {
    let mut reader = Reader::new(bytes);
    reader.set_any_float(true);
    Decode::decode(&mut reader)
        .expect("that the default fits its type was checked when the contract was compiled")
}

/// The most bytes that a call's envelope takes around its arguments:
/// `[10, [u64 object, u8 role, u8 field, [...]]]`.
pub const CALL_ENVELOPE: usize = 1 + 1 + 1 + 9 + 2 + 2 + 5;

/// The most bytes that a message's envelope takes around its parameters: `[u64 id, [...]]`.
pub const MESSAGE_ENVELOPE: usize = 1 + 9 + 5;

/// Whether arguments of these sizes could exceed a frame, and the one at `index` is the (first) largest of them.
pub const fn is_culprit(sizes: &[usize], envelope: usize, index: usize) -> bool {
    let mut total = envelope;
    let mut largest = 0;
    let mut at = 0;
    while at < sizes.len() {
        total = total.saturating_add(sizes[at]);
        if sizes[at] > sizes[largest] {
            largest = at;
        }
        at += 1;
    }
    total > crate::wire::MAX_FRAME && largest == index
}

/// The most bytes that a struct of members of these sizes takes.
pub const fn struct_size(members: &[usize]) -> usize {
    let mut total: usize = 5;
    let mut at = 0;
    while at < members.len() {
        total = total.saturating_add(members[at]);
        at += 1;
    }
    total
}

/// The most bytes that an enum takes: its largest variant, `sizes` being those of the members of each.
pub const fn enum_size(sizes: &[&[usize]]) -> usize {
    let tag = variant_size(sizes.len());
    let mut largest = 0;
    let mut at = 0;
    while at < sizes.len() {
        let size = struct_size(sizes[at]).saturating_add(tag);
        if size > largest {
            largest = size;
        }
        at += 1;
    }
    largest
}

/// The most bytes that the number of a variant takes, where there are this many.
pub const fn variant_size(variants: usize) -> usize {
    if variants <= 128 { 1 } else { 2 }
}

/// Generated code has an arm for every variant in its shape.
#[cold]
pub fn no_such_variant(variant: usize) -> ! {
    unreachable!("variant {variant} is in the shape and not in the decoder")
}

/// Generated tables hold every field that the runtime has looked up in the descriptor.
#[cold]
pub fn no_such_field(field: u8) -> ! {
    unreachable!("field {field} is in the descriptor and not in the dispatch table")
}
