//! Rules of names.

use syn::ext::IdentExt;
use syn::{Ident, LitStr};

use crate::attr::Attr;
use crate::ctxt::Ctxt;

/// What manifests and events can show on a line.
const MAX_NAME: usize = 64;

/// A field is called on the wire as its attribute says, or by the name that `wire` is made of `ident`.
pub(super) fn of_field(ctxt: &Ctxt, attr: &Attr<LitStr>, ident: &Ident, wire: &str, what: &str) {
    not_reserved(ctxt, ident);
    if attr.is_given() {
        said(ctxt, attr, what);
    } else {
        not_too_long(ctxt, ident, wire);
    }
}

/// A name on the wire has 1 to 64 characters.
pub(super) fn said(ctxt: &Ctxt, attr: &Attr<LitStr>, what: &str) {
    let Some(name) = attr.value() else { return };
    match name.value().chars().count() {
        0 => ctxt.error(name, format!("the name of {what} cannot be empty")),
        len if len > MAX_NAME => {
            ctxt.error(
                name,
                format!("the name of {what} has at most {MAX_NAME} characters, and this has {len}"),
            );
        }
        _ => {}
    }
}

/// The same for a name that comes from Rust.
fn not_too_long(ctxt: &Ctxt, ident: &Ident, wire: &str) {
    let len = wire.chars().count();
    if len > MAX_NAME {
        ctxt.error(
            ident,
            format!(
                "`{wire}` has {len} characters, more than the {MAX_NAME} of a wire name; \
                 give a shorter one by `wire = \"...\"`"
            ),
        );
    }
}

/// Names with two underscores in front are those of generated code.
pub(super) fn not_reserved(ctxt: &Ctxt, ident: &Ident) {
    if ident.unraw().to_string().starts_with("__") {
        ctxt.error(ident, "names that begin with `__` are those of generated code: choose another");
    }
}
