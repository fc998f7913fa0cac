//! Names of Python's as names of Rust, and what is said by name of what.

use magicnet_manifest::{Field, Table};
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::{LitStr, parse_str};

use super::files::Object;
use super::input::Edit;
use crate::ctxt::Ctxt;
use crate::suggest::did_you_mean;

/// What is said of each object. What is said of none is an error.
pub(super) fn assign<'e>(ctxt: &Ctxt, objects: &[Object<'_>], edits: &'e [Edit]) -> Vec<Option<&'e Edit>> {
    let mut assigned: Vec<Option<&Edit>> = vec![None; objects.len()];
    for edit in edits {
        let said = edit.said().name.value().cloned();
        let is_it = |object: &&Object<'_>| match &said {
            Some(name) => object.name == name.value(),
            None => edit.ident.unraw() == module_name(object.name),
        };
        match objects.iter().position(|object| is_it(&object)) {
            Some(place) if assigned[place].is_none() => assigned[place] = Some(edit),
            Some(place) => {
                ctxt.error(&edit.ident, format!("object `{}` is here twice", objects[place].name));
            }
            None => unknown(ctxt, objects, edit, said.as_ref()),
        }
    }
    assigned
}

fn unknown(ctxt: &Ctxt, objects: &[Object<'_>], edit: &Edit, said: Option<&LitStr>) {
    let names = || objects.iter().map(|object| object.name);
    match said {
        Some(name) => {
            let hint = did_you_mean(&name.value(), names());
            ctxt.error(name, format!("the files know no object `{}`{hint}", name.value()));
        }
        None => {
            let modules: Vec<String> = names().map(module_name).collect();
            let ident = edit.ident.unraw().to_string();
            let hint = did_you_mean(&ident, modules.iter().map(|name| &name[..]));
            let or = "or say its name by `#[network_object(name = \"...\")]`";
            let hint = if hint.is_empty() { format!("; {or}") } else { hint };
            ctxt.error(&edit.ident, format!("the files know no object that would be `mod {ident}`{hint}"));
        }
    }
}

/// The module of an object: `one-number` is `one_number`, `OneNumber` too.
pub(super) fn module_name(object: &str) -> String {
    let mut name = String::new();
    let mut last_was_lower = false;
    for char in object.chars() {
        if char.is_uppercase() && last_was_lower {
            name.push('_');
        }
        last_was_lower = char.is_lowercase() || char.is_numeric();
        if char.is_alphanumeric() {
            name.extend(char.to_lowercase());
        } else {
            name.push('_');
        }
    }
    name
}

/// A name of Rust that is as near to `name` as it can be.
pub(super) fn ident(name: &str, span: Span) -> Ident {
    let mut ident: String =
        name.chars().map(|char| if char.is_alphanumeric() { char } else { '_' }).collect();
    if !ident.starts_with(|char: char| char.is_alphabetic() || char == '_') {
        ident.insert(0, '_');
    }
    let plain = parse_str::<Ident>(&ident);
    let raw = || parse_str::<Ident>(&format!("r#{ident}"));
    let mut ident =
        plain.or_else(|_| raw()).or_else(|_| parse_str(&format!("{ident}_"))).unwrap_or_else(|_| {
            // Letters that Rust does not take for a name.
            Ident::new("unnamed", span)
        });
    ident.set_span(span);
    ident
}

/// The name of an argument; the macro adds a `cx` of its own.
pub(super) fn argument(name: &str, span: Span) -> Ident {
    if name == "cx" { Ident::new("cx_", span) } else { ident(name, span) }
}

/// The place of a field in its table.
pub(super) fn place(table: Option<&Table>, name: &str) -> Option<usize> {
    table?.fields.iter().position(|field| field.name == name)
}

/// The names of fields.
pub(super) fn fields(table: Option<&Table>) -> impl Iterator<Item = &str> {
    table.into_iter().flat_map(|table| &table.fields).map(|Field { name, .. }| &name[..])
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::{argument, ident, module_name};

    #[test]
    fn modules_are_named_as_modules_are() {
        let names = ["one-number", "OneNumber", "door2", "HTTPServer", "größe"].map(module_name);
        assert_eq!(names, ["one_number", "one_number", "door2", "httpserver", "größe"]);
    }

    #[test]
    fn every_name_of_pythons_has_one_in_rust() {
        let names = ["value", "type", "self", "1st", "a-b", "_"]
            .map(|name| ident(name, Span::call_site()).to_string());
        assert_eq!(names, ["value", "r#type", "self_", "_1st", "a_b", "__"]);
        assert_eq!(argument("cx", Span::call_site()), "cx_");
    }
}
