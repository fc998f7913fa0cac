//! The procedural macros of the `magicnet` crate. Use them through it.

mod attr;
mod check;
mod codegen;
mod ctxt;
mod fallback;
mod macros;
mod model;
mod suggest;
mod symbol;

use proc_macro::TokenStream;

/// x
#[proc_macro_attribute]
pub fn network_object(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand("network_object", macros::network_object(arguments.into(), item.into()))
}

/// x
#[proc_macro_attribute]
pub fn network_field(_: TokenStream, item: TokenStream) -> TokenStream {
    expand("network_field", macros::network_field(&item.into()))
}

/// x
#[proc_macro_attribute]
pub fn message(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand("message", macros::message(arguments.into(), item.into()))
}

/// x
#[proc_macro_attribute]
pub fn message_handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand("message_handler", macros::message_handler(arguments.into(), item.into()))
}

/// x
#[proc_macro_derive(NetworkType, attributes(arg))]
pub fn network_type(item: TokenStream) -> TokenStream {
    expand("NetworkType", macros::network_type(item.into()))
}

/// Hands out what a macro made; with `MAGICNET_DERIVE_DEBUG=1` in the environment it is printed as well.
#[expect(clippy::print_stderr, reason = "this is what the variable asks for")]
fn expand(name: &str, made: proc_macro2::TokenStream) -> TokenStream {
    if std::env::var_os("MAGICNET_DERIVE_DEBUG").is_some_and(|value| value == "1") {
        eprintln!("// expansion of {name}\n{made}");
    }
    made.into()
}
