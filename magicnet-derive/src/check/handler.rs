//! Rules of message handlers.

use syn::{FnArg, ReturnType, Safety, Type};

use crate::ctxt::Ctxt;
use crate::model::{Handler, argument_type};

const FORM: &str = "a handler is `fn(cx: &mut MessageCx<'_>, message: YourMessage)`";

pub(crate) fn check(ctxt: &Ctxt, handler: &Handler<'_>) {
    is_plain(ctxt, handler);
    is_not_generic(ctxt, handler);
    takes_context_and_message(ctxt, handler);
    returns_something_named(ctxt, handler);
}

/// A handler is an ordinary function: not `async`, `const`, `unsafe`, `extern` or variadic.
fn is_plain(ctxt: &Ctxt, handler: &Handler<'_>) {
    let sig = &handler.item.sig;
    if let Some(asyncness) = &sig.asyncness {
        ctxt.error(asyncness, "`async` handlers are reserved for a later version of magicnet");
    }
    if let Some(constness) = &sig.constness {
        ctxt.error(constness, "a handler cannot be `const`");
    }
    if let Safety::Unsafe(keyword) = &sig.safety {
        ctxt.error(keyword, "a handler cannot be `unsafe`: a peer calls it, and can promise nothing");
    }
    if let Some(abi) = &sig.abi {
        ctxt.error(abi, "a handler has no ABI: leave this out");
    }
}

/// A handler handles one type of message.
fn is_not_generic(ctxt: &Ctxt, handler: &Handler<'_>) {
    let generics = &handler.item.sig.generics;
    if !generics.params.is_empty() {
        ctxt.error(
            &generics.params,
            "a handler handles one type of message, so it cannot be generic; for lifetimes write `'_`",
        );
    } else if let Some(clause) = &generics.where_clause {
        ctxt.error(clause, "a handler handles one type of message, so it cannot be generic");
    }
}

/// A handler takes its context and a message, and nothing else.
fn takes_context_and_message(ctxt: &Ctxt, handler: &Handler<'_>) {
    let sig = &handler.item.sig;
    let mut inputs = sig.inputs.iter();
    match inputs.next() {
        None => return ctxt.error(&sig.ident, FORM),
        Some(FnArg::Receiver(receiver)) => return ctxt.error(receiver, format!("{FORM}, not a method")),
        Some(FnArg::Typed(first)) => {
            let is_context =
                matches!(&*first.ty, Type::Reference(reference) if reference.mutability.is_some());
            if !is_context {
                let message = format!("the first argument of a handler is its context: {FORM}");
                return ctxt.error(&first.ty, message);
            }
        }
    }
    match inputs.next().and_then(argument_type) {
        None => ctxt.error(&sig.ident, format!("which message does `{}` handle? {FORM}", sig.ident)),
        Some(reference @ Type::Reference(_)) => {
            ctxt.error(reference, "a handler takes its message by value: leave the `&` out");
        }
        Some(Type::ImplTrait(generic)) => ctxt.error(generic, "a handler handles one type of message"),
        Some(_) => {}
    }
    if let Some(third) = inputs.next() {
        ctxt.error(third, format!("{FORM} and nothing more: what else it needs is in `cx`"));
    }
}

/// What a handler returns has a type that can be written.
fn returns_something_named(ctxt: &Ctxt, handler: &Handler<'_>) {
    if let ReturnType::Type(_, ty) = &handler.item.sig.output
        && matches!(**ty, Type::ImplTrait(_))
    {
        ctxt.error(ty, "a handler returns nothing, or `Result<(), Disconnect>`");
    }
}
