//! The keys of attributes on whole items: contracts, views, messages and their handlers.

use proc_macro2::TokenStream;
use syn::{LitInt, LitStr, Path};

use super::{Attr, Place, WordOrPath, pairs, role};
use crate::ctxt::Ctxt;
use crate::model::{Creator, OwnerLeft, RoleName, Sender};
use crate::symbol::{
    ALLOW, ANYONE, BEFORE_HANDSHAKE, CREATE, DESTROY, FACTORY, FROM, ID, KEEP, NAME, ON_OWNER_LEFT, ROLE,
    SERVER_WORD,
};

/// `#[network_object(...)]` on a contract module.
#[derive(Default)]
pub(crate) struct ContractAttrs {
    pub(crate) name: Attr<LitStr>,
    pub(crate) create: Attr<Creator>,
    /// The function that accepts creators, with [`Creator::Accepted`].
    pub(crate) created_by: Option<Path>,
    pub(crate) on_owner_left: Attr<OwnerLeft>,
    /// Whether all of it could be read. If not, what is missing may be what was meant.
    pub(crate) understood: bool,
}

const CONTRACT: Place = Place {
    name: "`#[network_object]` on a contract module",
    keys: &[NAME, CREATE, ON_OWNER_LEFT],
    elsewhere: &[
        (FACTORY, "a view is built, so write it on the `impl` of the view"),
        (ROLE, "the traits `Server` and `Client` in the module are the roles"),
        (ALLOW, "it is for messages; say who may create an object by `create = path`"),
    ],
};

impl ContractAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream) -> Self {
        let before = ctxt.count();
        let mut attrs = Self::default();
        for pair in pairs(ctxt, arguments) {
            if pair.key == NAME {
                pair.keep(ctxt, pair.text(ctxt), &mut attrs.name);
            } else if pair.key == CREATE {
                let words = [(SERVER_WORD, Creator::Server), (ANYONE, Creator::Anyone)];
                let creator = match pair.word_or_path(ctxt, &words, "may_create") {
                    Some(WordOrPath::Word(creator)) => Some(creator),
                    Some(WordOrPath::Path(path)) => {
                        attrs.created_by = Some(path);
                        Some(Creator::Accepted)
                    }
                    None => None,
                };
                pair.keep(ctxt, creator, &mut attrs.create);
            } else if pair.key == ON_OWNER_LEFT {
                let words = [(DESTROY, OwnerLeft::Destroy), (KEEP, OwnerLeft::Keep)];
                pair.keep(ctxt, pair.word(ctxt, &words, &[]), &mut attrs.on_owner_left);
            } else {
                pair.unknown(ctxt, &CONTRACT);
            }
        }
        attrs.understood = ctxt.count() == before;
        attrs
    }
}

/// `#[network_object(...)]` on the `impl` of a view.
#[derive(Default)]
pub(crate) struct ViewAttrs {
    pub(crate) factory: Attr<Path>,
}

const VIEW: Place = Place {
    name: "`#[network_object]` on a view",
    keys: &[FACTORY],
    elsewhere: &[
        (NAME, "write it on the contract module"),
        (CREATE, "write it on the contract module"),
        (ON_OWNER_LEFT, "write it on the contract module"),
        (ROLE, "the trait that is implemented is the role"),
    ],
};

impl ViewAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream) -> Self {
        let mut attrs = Self::default();
        for pair in pairs(ctxt, arguments) {
            if pair.key == FACTORY {
                pair.keep(ctxt, pair.path(ctxt, "Type::new"), &mut attrs.factory);
            } else {
                pair.unknown(ctxt, &VIEW);
            }
        }
        attrs
    }
}

/// `#[message(...)]`.
#[derive(Default)]
pub(crate) struct MessageAttrs {
    pub(crate) id: Attr<LitInt>,
    pub(crate) from: Attr<Sender>,
    pub(crate) before_handshake: Attr<()>,
    /// The function that accepts senders.
    pub(crate) allow: Attr<Path>,
    /// Whether all of it could be read. If not, what is missing may be what was meant.
    pub(crate) understood: bool,
}

const MESSAGE: Place = Place {
    name: "`#[message]`",
    keys: &[ID, FROM, BEFORE_HANDSHAKE, ALLOW],
    elsewhere: &[
        (NAME, "a message is named as its struct is, and peers know it by its `id`"),
        (ROLE, "write `from = client` or `from = server`; `role` belongs to the handler"),
    ],
};

impl MessageAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream) -> Self {
        let before = ctxt.count();
        let mut attrs = Self::default();
        for pair in pairs(ctxt, arguments) {
            if pair.key == ID {
                pair.keep(ctxt, pair.number(ctxt), &mut attrs.id);
            } else if pair.key == FROM {
                pair.keep(ctxt, role::sender(ctxt, &pair), &mut attrs.from);
            } else if pair.key == BEFORE_HANDSHAKE {
                pair.keep(ctxt, pair.flag(ctxt), &mut attrs.before_handshake);
            } else if pair.key == ALLOW {
                pair.keep(ctxt, pair.path(ctxt, "may_send"), &mut attrs.allow);
            } else {
                pair.unknown(ctxt, &MESSAGE);
            }
        }
        attrs.understood = ctxt.count() == before;
        attrs
    }
}

/// `#[message_handler(...)]`.
#[derive(Default)]
pub(crate) struct HandlerAttrs {
    pub(crate) role: Attr<RoleName>,
}

const HANDLER: Place = Place {
    name: "`#[message_handler]`",
    keys: &[ROLE],
    elsewhere: &[
        (ID, "write it on the message"),
        (FROM, "write it on the message; `role` is the role of the node that handles it"),
        (BEFORE_HANDSHAKE, "write it on the message"),
        (ALLOW, "write it on the message"),
    ],
};

impl HandlerAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream) -> Self {
        let mut attrs = Self::default();
        for pair in pairs(ctxt, arguments) {
            if pair.key == ROLE {
                pair.keep(ctxt, role::role(ctxt, &pair), &mut attrs.role);
            } else {
                pair.unknown(ctxt, &HANDLER);
            }
        }
        attrs
    }
}
