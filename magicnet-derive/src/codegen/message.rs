//! Messages: their number, their parameters, and how they are written and read.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemStruct;

use super::parameter::{Envelope, List};
use super::{conditions, network_type, source, submit};
use crate::model::{Message, Parameter, Sender};

pub(crate) fn expand(message: &Message<'_>, item: &ItemStruct) -> TokenStream {
    let body = &message.body;
    let stripped = network_type::stripped(item);
    let conditions = conditions(body.attributes);
    let members: Vec<&Parameter<'_>> = body.members.iter().collect();
    let any = network_type::with_lifetime(body, "'_");
    let list = List { of: &any, field: 0, parameters: &members };
    let (declared, fits) =
        (list.declare(), list.fit_a_frame(&format!("the message `{}`", body.ident), Envelope::Message));
    let encode = network_type::encode(body);
    let (read_ty, decode) = network_type::decode(body);
    let descriptor = descriptor(message);
    let fixed = network_type::with_lifetime(body, "'static");
    let submit = submit(quote!(__p::MessageEntry(<#fixed as ::magicnet::Message>::MESSAGE)));
    quote! {
        #stripped
        #(#conditions)*
        const _: () = {
            use ::magicnet::__private as __p;
            #declared
            #fits
            #[automatically_derived]
            impl ::magicnet::Message for #any {
                const MESSAGE: &'static __p::MessageDescriptor = &#descriptor;
                #encode
            }
            #[automatically_derived]
            impl<'de> __p::DecodeMessage<'de> for #read_ty {
                fn decode(
                    __arguments: &mut __p::Arguments<'de>,
                ) -> ::core::result::Result<Self, __p::DecodeError> {
                    #decode
                }
            }
            #submit
        };
    }
}

/// What peers know of a message.
pub(crate) fn descriptor(message: &Message<'_>) -> TokenStream {
    let body = &message.body;
    let members: Vec<&Parameter<'_>> = body.members.iter().collect();
    let parameters = List { of: &quote!(Self), field: 0, parameters: &members }.descriptors();
    descriptor_with(message, &parameters)
}

/// The same with other parameters: none where the message has errors.
pub(crate) fn descriptor_with(message: &Message<'_>, parameters: &TokenStream) -> TokenStream {
    let id = message.attrs.id.value().and_then(|id| id.base10_parse::<u64>().ok()).unwrap_or(64);
    let id = proc_macro2::Literal::u64_unsuffixed(id);
    let name = syn::ext::IdentExt::unraw(message.body.ident).to_string();
    let from = match message.attrs.from.value() {
        Some(Sender::Client) => quote!(Client),
        Some(Sender::Server) => quote!(Server),
        Some(Sender::Anyone) | None => quote!(Anyone),
    };
    let before_handshake = message.attrs.before_handshake.is_given();
    let source = source();
    quote! {
        __p::MessageDescriptor {
            id: __p::MessageId(#id),
            name: #name,
            from: __p::Sender::#from,
            before_handshake: #before_handshake,
            parameters: #parameters,
            source: #source,
        }
    }
}
