//! Finds and reads the files, and gathers what they say by object.

use std::env;
use std::fs;
use std::path::Path;

use magicnet_manifest::{Manifest, Table, Tolerance};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::LitStr;

use crate::ctxt::Ctxt;

/// A file that was there, and what it says if it is a manifest.
pub(super) struct Read<'a> {
    pub(super) file: &'a LitStr,
    pub(super) manifest: Option<Manifest>,
}

/// What the files say of one object.
pub(super) struct Object<'a> {
    pub(super) name: &'a str,
    pub(super) tables: Vec<RoleTable<'a>>,
}

/// What a file says of one role.
#[derive(Clone, Copy)]
pub(super) struct RoleTable<'a> {
    /// As the file numbers it.
    pub(super) number: u8,
    pub(super) table: &'a Table,
    pub(super) file: &'a LitStr,
}

impl Object<'_> {
    /// Where errors about it point to if nothing is said of it: the first file that knows it.
    pub(super) fn span(&self) -> Span {
        self.tables.first().map_or_else(Span::call_site, |table| place_of(table.file))
    }
}

/// The place of a file's name, with names as they are where the macro is called.
pub(super) fn place_of(file: &LitStr) -> Span {
    Span::call_site().located_at(file.span())
}

/// Reads each file, by its path from the crate's root.
pub(super) fn read<'a>(ctxt: &Ctxt, files: &'a [LitStr]) -> Vec<Read<'a>> {
    let root = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let mut read = Vec::new();
    for file in files {
        match fs::read(Path::new(&root).join(file.value())) {
            Ok(bytes) => {
                let manifest = Manifest::read(&bytes).map_err(|error| ctxt.error(file, error)).ok();
                read.push(Read { file, manifest });
            }
            Err(error) => ctxt.error(
                file,
                format!(
                    "this file cannot be read: {error}; \
                     its path is from the folder of the crate's Cargo.toml, and Python writes it by `marshalling_mode`"
                ),
            ),
        }
    }
    read
}

/// What makes cargo build anew when a file changes.
pub(super) fn dependencies(read: &[Read<'_>]) -> TokenStream {
    let each = read.iter().map(|Read { file, .. }| {
        let path = if Path::new(&file.value()).is_absolute() {
            quote!(#file)
        } else {
            quote!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #file))
        };
        quote! {
            const _: &[::core::primitive::u8] = ::core::include_bytes!(#path);
        }
    });
    each.collect()
}

/// All objects, sorted by name.
pub(super) fn objects<'a>(ctxt: &Ctxt, read: &'a [Read<'a>]) -> Vec<Object<'a>> {
    let mut objects: Vec<Object<'a>> = Vec::new();
    for Read { file, manifest } in read {
        for table in manifest.iter().flat_map(|manifest| &manifest.tables) {
            let new = RoleTable { number: table.role, table, file };
            match objects.iter_mut().find(|object| object.name == table.object) {
                Some(object) => add(ctxt, object, new),
                None => objects.push(Object { name: &table.object, tables: vec![new] }),
            }
        }
    }
    objects.sort_by_key(|object| object.name);
    objects
}

/// Files may agree on a role, and may say nothing of it.
fn add<'a>(ctxt: &Ctxt, object: &mut Object<'a>, new: RoleTable<'a>) {
    match object.tables.iter_mut().find(|known| known.number == new.number) {
        None => object.tables.push(new),
        Some(_) if new.table.fields.is_empty() => {}
        Some(known) if known.table.fields.is_empty() => *known = new,
        Some(known) => {
            let sides = [known.file, new.file].map(|file| format!("in `{}`", file.value()));
            let differences = known.table.compare(new.table, [&sides[0], &sides[1]], Tolerance::Exact);
            if let Some(difference) = differences.first() {
                ctxt.error(new.file, format!("the files contradict each other: {difference}"));
            }
        }
    }
}
