//! Collects errors, so that a user sees all of them in one build.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::thread;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Takes errors while a macro reads its input; [`check`](Self::check) hands them out.
///
/// Parsers return values, not results: what could not be read is an error in here and a harmless value there.
pub(crate) struct Ctxt {
    /// `None` once it was checked.
    errors: RefCell<Option<Vec<syn::Error>>>,
    left_to_rustc: Cell<bool>,
}

impl Ctxt {
    pub(crate) fn new() -> Self {
        Self { errors: RefCell::new(Some(Vec::new())), left_to_rustc: Cell::new(false) }
    }

    /// An error under `tokens`, which are what the user should change.
    pub(crate) fn error(&self, tokens: impl ToTokens, message: impl Display) {
        self.syn_error(syn::Error::new_spanned(tokens, message));
    }

    /// The same for a single span.
    pub(crate) fn error_at(&self, span: Span, message: impl Display) {
        self.syn_error(syn::Error::new(span, message));
    }

    /// An error that syn found.
    pub(crate) fn syn_error(&self, error: syn::Error) {
        self.errors.borrow_mut().as_mut().expect("nothing is reported after the check").push(error);
    }

    /// How many errors there are so far.
    pub(crate) fn count(&self) -> usize {
        self.errors.borrow().as_ref().map_or(0, Vec::len)
    }

    /// For what rustc reports by itself: no message of ours, but nothing is generated from it either.
    pub(crate) fn leave_to_rustc(&self) {
        self.left_to_rustc.set(true);
    }

    /// Fails if there were errors, with the tokens that report them.
    pub(crate) fn check(self) -> Result<(), TokenStream> {
        let errors = self.errors.take().expect("a context is checked once, as that consumes it");
        if errors.is_empty() && !self.left_to_rustc.get() {
            return Ok(());
        }
        Err(errors.iter().map(syn::Error::to_compile_error).collect())
    }
}

/// What `read` reads, whatever is wrong with it: that is said where it is read again.
pub(crate) fn silently<T>(read: impl FnOnce(&Ctxt) -> T) -> T {
    let silent = Ctxt::new();
    let said = read(&silent);
    drop(silent.check());
    said
}

/// Forgetting the check would swallow errors.
impl Drop for Ctxt {
    fn drop(&mut self) {
        if !thread::panicking() && self.errors.borrow().is_some() {
            panic!("the errors of a macro were not checked");
        }
    }
}
