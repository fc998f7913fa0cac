//! `manifest!`: contracts from the files that Python writes, by the same model, checks and code as those of modules.
//!
//! Each object of the files becomes the contract module that a user would have written for it, which then takes the
//! way of all contract modules. What the files cannot say is said behind them, in the words of contracts; [`input`]
//! reads it, [`contract`] puts the two together.

mod contract;
mod default;
mod files;
mod input;
mod names;
mod roles;
mod types;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ctxt::Ctxt;
use crate::model::Contract;
use crate::{check, codegen, fallback};
use files::Object;
use input::{Edit, Input};

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input: Input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let ctxt = Ctxt::new();
    let read = files::read(&ctxt, &input.files);
    let objects = files::objects(&ctxt, &read);
    let dependencies = files::dependencies(&read);
    // Where a file is missing, so are contracts: what is said of these is no mistake of its own.
    let edits = if ctxt.count() == 0 { names::assign(&ctxt, &objects, &input.edits) } else { Vec::new() };
    if let Err(errors) = ctxt.check() {
        return quote!(#errors #dependencies);
    }
    let contracts = objects.iter().zip(edits).map(|(object, edit)| expand_one(object, edit));
    quote!(#dependencies #(#contracts)*)
}

/// One object as a contract.
fn expand_one(object: &Object<'_>, edit: Option<&Edit>) -> TokenStream {
    let ctxt = Ctxt::new();
    let made = contract::make(&ctxt, object, edit);
    let contract = Contract::parse(&ctxt, made.arguments, &made.module);
    check::contract(&ctxt, &contract);
    match ctxt.check() {
        Ok(()) => {
            let (module, checks) = (codegen::contract(&contract), made.checks);
            quote!(#module #checks)
        }
        Err(errors) => {
            let broken = fallback::contract(&contract);
            quote!(#errors #broken)
        }
    }
}
