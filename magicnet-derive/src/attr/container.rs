//! The keys of attributes on whole items: contracts, views, messages and their handlers.

use proc_macro2::TokenStream;
use syn::{LitInt, LitStr, Path};

use super::{Attr, Pair, Place, WordOrPath, pairs, role};
use crate::ctxt::Ctxt;
use crate::model::{Creator, OwnerLeft, Rate, RoleKind, RoleName, Sender, Via};
use crate::symbol::{
    ALLOW, ANYONE, BEFORE_HANDSHAKE, BOTH_WORD, CLIENT_WORD, CREATE, DESTROY, FACTORY, FROM, ID, KEEP, NAME,
    ON_OWNER_LEFT, OWNER, PEER, RATE, ROLE, ROLES, SERVER_WORD, VIA,
};

/// `#[network_object(...)]` on a contract module.
#[derive(Default)]
pub(crate) struct ContractAttrs {
    pub(crate) name: Attr<LitStr>,
    pub(crate) create: Attr<Creator>,
    /// The function that accepts creators, with [`Creator::Accepted`].
    pub(crate) created_by: Option<Path>,
    pub(crate) on_owner_left: Attr<OwnerLeft>,
    pub(crate) roles: RolesAttr,
    /// Whether all of it could be read. If not, what is missing may be what was meant.
    pub(crate) understood: bool,
}

const CONTRACT: Place = Place {
    name: "`#[network_object]` on a contract module",
    keys: &[NAME, CREATE, ON_OWNER_LEFT, ROLES],
    elsewhere: &[
        (FACTORY, "a view is built, so write it on the `impl` of the view"),
        (ROLE, "the traits `Server` and `Client` in the module are the roles"),
        (PEER, "the traits `Server` and `Client` in the module are the roles"),
        (ALLOW, "it is for messages; say who may create an object by `create = path`"),
        (RATE, "it is for calls of clients: write it on each of them"),
    ],
};

/// `roles(client = 1, server = 0)`: the numbers of the roles on the wire.
#[derive(Default)]
pub(crate) struct RolesAttr {
    pub(crate) whole: Attr<()>,
    numbers: Vec<(RoleKind, Attr<u8>)>,
}

const ROLE_NUMBERS: Place = Place {
    name: "`roles(...)`",
    keys: &[CLIENT_WORD, SERVER_WORD, BOTH_WORD],
    elsewhere: &[(OWNER, "the owner is no role: calls say `from = owner` and `to = owner`")],
};

impl RolesAttr {
    /// The number of a role, as it was said.
    pub(crate) fn number(&self, kind: RoleKind) -> Option<&Attr<u8>> {
        self.numbers.iter().find(|(known, _)| *known == kind).map(|(_, number)| number)
    }

    /// The number of a role: as it was said, or as it is usual.
    pub(crate) fn number_of(&self, kind: RoleKind) -> u8 {
        self.number(kind).and_then(Attr::value).copied().unwrap_or_else(|| kind.usual_number())
    }

    fn parse(ctxt: &Ctxt, pair: &Pair) -> Self {
        let mut roles = Self::default();
        pair.keep(ctxt, Some(()), &mut roles.whole);
        let words =
            [(CLIENT_WORD, RoleKind::Client), (SERVER_WORD, RoleKind::Server), (BOTH_WORD, RoleKind::Both)];
        for number in pair.pairs(ctxt, "client = 1, server = 0") {
            let Some((_, kind)) = words.iter().find(|(word, _)| number.key == *word) else {
                number.unknown(ctxt, &ROLE_NUMBERS);
                continue;
            };
            let mut said = Attr::default();
            number.keep(ctxt, number.byte(ctxt), &mut said);
            if roles.number(*kind).is_some() {
                ctxt.error(&number.key, format!("`{}` is given twice", number.key));
            } else {
                roles.numbers.push((*kind, said));
            }
        }
        roles
    }
}

impl ContractAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream) -> Self {
        let before = ctxt.count();
        let mut attrs = Self::default();
        for pair in pairs(ctxt, arguments) {
            if !attrs.take(ctxt, &pair) {
                pair.unknown(ctxt, &CONTRACT);
            }
        }
        attrs.understood = ctxt.count() == before;
        attrs
    }

    /// Keeps what a key says, if it is one of these.
    pub(super) fn take(&mut self, ctxt: &Ctxt, pair: &Pair) -> bool {
        if pair.key == NAME {
            pair.keep(ctxt, pair.text(ctxt), &mut self.name);
        } else if pair.key == CREATE {
            let words = [(SERVER_WORD, Creator::Server), (ANYONE, Creator::Anyone)];
            let creator = match pair.word_or_path(ctxt, &words, "may_create") {
                Some(WordOrPath::Word(creator)) => Some(creator),
                Some(WordOrPath::Path(path)) => {
                    self.created_by = Some(path);
                    Some(Creator::Accepted)
                }
                None => None,
            };
            pair.keep(ctxt, creator, &mut self.create);
        } else if pair.key == ON_OWNER_LEFT {
            let words = [(DESTROY, OwnerLeft::Destroy), (KEEP, OwnerLeft::Keep)];
            pair.keep(ctxt, pair.word(ctxt, &words, &[]), &mut self.on_owner_left);
        } else if pair.key == ROLES && !self.roles.whole.is_given() {
            self.roles = RolesAttr::parse(ctxt, pair);
        } else if pair.key == ROLES {
            pair.keep(ctxt, None, &mut self.roles.whole);
        } else {
            return false;
        }
        true
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
        (ROLES, "write it on the contract module"),
        (ROLE, "the trait that is implemented is the role"),
        (PEER, "the trait that is implemented is the role"),
    ],
};

/// On the `impl` of a type itself.
const DIRECT_IMPL: Place = Place {
    name: "`#[network_object]` on the `impl` of a view",
    keys: &[FACTORY],
    elsewhere: &[
        (NAME, "write it on the struct"),
        (CREATE, "write it on the struct"),
        (ON_OWNER_LEFT, "write it on the struct"),
        (ROLES, "write it on the struct"),
        (ROLE, "write it on the struct"),
        (PEER, "write it on the struct"),
    ],
};

impl ViewAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream) -> Self {
        Self::parse_in(ctxt, arguments, &VIEW)
    }

    /// In the direct form.
    pub(crate) fn of_direct(ctxt: &Ctxt, arguments: TokenStream) -> Self {
        Self::parse_in(ctxt, arguments, &DIRECT_IMPL)
    }

    fn parse_in(ctxt: &Ctxt, arguments: TokenStream, place: &Place) -> Self {
        let mut attrs = Self::default();
        for pair in pairs(ctxt, arguments) {
            if pair.key == FACTORY {
                pair.keep(ctxt, pair.path(ctxt, "Type::new"), &mut attrs.factory);
            } else {
                pair.unknown(ctxt, place);
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
    /// How often one peer may send it.
    pub(crate) rate: Attr<Rate>,
    pub(crate) via: Attr<Via>,
    /// Whether all of it could be read. If not, what is missing may be what was meant.
    pub(crate) understood: bool,
}

const MESSAGE: Place = Place {
    name: "`#[message]`",
    keys: &[ID, FROM, BEFORE_HANDSHAKE, ALLOW, RATE, VIA],
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
            } else if pair.key == RATE {
                pair.keep(ctxt, pair.rate(ctxt), &mut attrs.rate);
            } else if pair.key == VIA {
                pair.keep(ctxt, pair.word(ctxt, Via::WORDS, &[]), &mut attrs.via);
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
        (RATE, "write it on the message"),
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
