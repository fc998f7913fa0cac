//! Messages: their number, their parameters, and how they are written and read.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, ItemStruct, Path};

use super::contract::rate;
use super::network_type::{encode, made, of_any, of_de, stripped, with_lifetime};
use super::parameter::{Envelope, List};
use super::{conditions, role_by_name, source, submit, written};
use crate::model::{Message, Sender, Via};

pub(crate) fn expand(message: &Message<'_>, item: &ItemStruct) -> TokenStream {
    let body = &message.body;
    let item = stripped(item);
    let conditions = conditions(body.attributes);
    let list = List::of_struct(body);
    let (marker, declared) = (list.marker(), list.declare());
    let fits = list.fit_a_frame(&format!("the message `{}`", body.ident), Envelope::Message);
    let descriptor = descriptor(message, &list.descriptors());
    let encode = encode(body);
    let (take, made) = (list.take(&quote!(__arguments)), made(body));
    let (any, read) = (of_any(body.ident, body.generics), of_de(body.ident, body.generics));
    let allow = message.attrs.allow.value().map(allow);
    let fixed = with_lifetime(body.ident, body.generics, "'static");
    let submit = submit(quote!(__p::MessageEntry(<#fixed as ::magicnet::Message>::MESSAGE)));
    quote! {
        #item
        #(#conditions)*
        #[allow(deprecated)]
        const _: () = {
            use ::magicnet::__private as __p;
            #marker
            #declared
            #fits
            #[automatically_derived]
            impl ::magicnet::Message for #any {
                const MESSAGE: &'static __p::MessageDescriptor = &#descriptor;
                #allow
                #encode
            }
            #[automatically_derived]
            impl<'de> __p::DecodeMessage<'de> for #read {
                fn decode(
                    __arguments: &mut __p::Arguments<'de>,
                ) -> ::core::result::Result<Self, __p::DecodeError> {
                    #take
                    __arguments.finish()?;
                    ::core::result::Result::Ok(#made)
                }
            }
            #submit
        };
    }
}

/// What a function of the application's says of senders.
fn allow(path: &Path) -> TokenStream {
    let by = written(path);
    let sender = Ident::new("__sender", path.span());
    let ask = quote_spanned!(path.span()=> __p::accepts_sender(&#path, #sender));
    quote! {
        const ALLOW: ::core::option::Option<__p::Allow> =
            ::core::option::Option::Some(__p::Allow { by: #by, accepts: |#sender| #ask });
    }
}

/// What peers know of a message. `parameters` are none where it has errors.
pub(crate) fn descriptor(message: &Message<'_>, parameters: &TokenStream) -> TokenStream {
    let id = message.attrs.id.value().and_then(|id| id.base10_parse::<u64>().ok()).unwrap_or(64);
    let id = Literal::u64_unsuffixed(id);
    let name = message.body.ident.unraw().to_string();
    let from = match message.attrs.from.value() {
        Some(Sender::Roles(roles)) => {
            let roles = roles.iter().map(role_by_name);
            quote!(Roles(&[#(#roles),*]))
        }
        Some(Sender::Anyone) | None => quote!(Anyone),
    };
    let before_handshake = message.attrs.before_handshake.is_given();
    let via = Via::descriptor(&message.attrs.via);
    let rate = rate(&message.attrs.rate);
    let source = source();
    quote! {
        __p::MessageDescriptor {
            id: __p::MessageId(#id),
            name: #name,
            from: __p::Sender::#from,
            before_handshake: #before_handshake,
            via: __p::Via::#via,
            rate: #rate,
            parameters: #parameters,
            source: #source,
        }
    }
}
