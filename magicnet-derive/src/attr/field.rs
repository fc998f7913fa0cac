//! The keys of attributes on what has a type: properties of the state, arguments, members of messages and structs.

use syn::{Attribute, Expr, LitInt, LitStr, Path};

use super::{Attr, Pair, Place, pairs_of};
use crate::ctxt::Ctxt;
use crate::model::Who;
use crate::symbol::{
    ALWAYS, ANY_FLOAT, ARG, CHECK, CREATOR, DB, DEFAULT, FROM, INDEX, INIT, NETWORK_FIELD, NOBODY, OWNER,
    PERSIST, RAM, RATE, REST, SERVER_WORD, SPREAD, Symbol, TO, VIA, VIEWERS, WIRE,
};

/// `#[network_field(...)]` on a property of the state.
#[derive(Default)]
pub(crate) struct PropertyAttrs {
    pub(crate) to: Attr<Who>,
    pub(crate) wire: Attr<LitStr>,
    pub(crate) always: Attr<()>,
    pub(crate) default: Attr<Expr>,
    pub(crate) index: Attr<LitInt>,
    /// Its values are arguments of their own.
    pub(crate) spread: Attr<()>,
    /// A creation by a peer may carry it.
    pub(crate) init: Attr<()>,
    /// That it is kept, as all properties are.
    pub(crate) persist: Attr<()>,
    /// Whether all of it could be read. If not, what is missing may be what was meant.
    pub(crate) understood: bool,
}

const PROPERTY: Place = Place {
    name: "`#[network_field]` on a property",
    keys: &[TO, WIRE, ALWAYS, DEFAULT, INDEX, SPREAD, INIT, PERSIST],
    elsewhere: &[
        (FROM, "the server alone changes the state; say who sees it by `to = viewers`"),
        (CHECK, "the server alone changes the state; check what comes, in its calls"),
        (RATE, "the server alone changes the state; how often clients may call is said of calls"),
        (VIA, "whoever sees a property ends up with its last value; what may be lost is a call"),
    ],
};

const RECEIVERS: &[(Symbol, Who)] =
    &[(VIEWERS, Who::Viewers), (OWNER, Who::Owner), (SERVER_WORD, Who::Server), (NOBODY, Who::Nobody)];

impl PropertyAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, attributes: &[Attribute]) -> Self {
        let before = ctxt.count();
        let mut attrs = Self::default();
        for pair in pairs_of(ctxt, NETWORK_FIELD, attributes) {
            if pair.key == TO {
                pair.keep(ctxt, pair.word(ctxt, RECEIVERS, &[]), &mut attrs.to);
            } else if pair.key == WIRE {
                pair.keep(ctxt, pair.text(ctxt), &mut attrs.wire);
            } else if pair.key == ALWAYS {
                pair.keep(ctxt, pair.flag(ctxt), &mut attrs.always);
            } else if pair.key == DEFAULT {
                pair.keep(ctxt, pair.expr(ctxt), &mut attrs.default);
            } else if pair.key == INDEX {
                pair.keep(ctxt, pair.number(ctxt), &mut attrs.index);
            } else if pair.key == SPREAD {
                pair.keep(ctxt, pair.flag(ctxt), &mut attrs.spread);
            } else if pair.key == INIT {
                pair.keep(ctxt, pair.word(ctxt, &[(CREATOR, ())], &[]), &mut attrs.init);
            } else if pair.key == PERSIST {
                pair.keep(ctxt, pair.word(ctxt, &[(RAM, ())], &[DB]), &mut attrs.persist);
            } else {
                pair.unknown(ctxt, &PROPERTY);
            }
        }
        attrs.understood = ctxt.count() == before;
        attrs
    }
}

/// `#[arg(...)]`.
#[derive(Default)]
pub(crate) struct ArgAttrs {
    /// Without an expression it is the type's own.
    pub(crate) default: Attr<Option<Expr>>,
    pub(crate) rest: Attr<()>,
    pub(crate) any_float: Attr<()>,
    /// A function that says whether a value which came is accepted.
    pub(crate) check: Attr<Path>,
}

const ARGUMENT: Place = Place { name: "`#[arg]`", keys: &[DEFAULT, REST, ANY_FLOAT, CHECK], elsewhere: &[] };

/// A struct has a fixed number of members, so none is the rest.
const MEMBER: Place = Place {
    name: "`#[arg]` on a member of a network type",
    keys: &[DEFAULT, ANY_FLOAT, CHECK],
    elsewhere: &[(REST, "a struct has a fixed number of members; a `List` can be one of them")],
};

/// The same holds for a variant.
const VARIANT_MEMBER: Place = Place {
    name: "`#[arg]` on a member of a variant",
    keys: &[DEFAULT, ANY_FLOAT, CHECK],
    elsewhere: &[(REST, "a variant has a fixed number of members; a `List` can be one of them")],
};

const STATE_PROPERTY: Place = Place {
    name: "`#[arg]` on a property",
    keys: &[ANY_FLOAT],
    elsewhere: &[
        (DEFAULT, "the value that a property starts with is `#[network_field(default = ...)]`"),
        (REST, "a property is one value; it can be a `List`"),
        (CHECK, "the server alone changes the state; check what comes, in its calls"),
    ],
};

impl ArgAttrs {
    /// On an argument of a call, or a member of a message.
    pub(crate) fn of_argument(ctxt: &Ctxt, attributes: &[Attribute]) -> Self {
        Self::parse(ctxt, attributes, &ARGUMENT)
    }

    /// On a member of a struct that is an argument itself.
    pub(crate) fn of_member(ctxt: &Ctxt, attributes: &[Attribute]) -> Self {
        Self::parse(ctxt, attributes, &MEMBER)
    }

    /// On a member of an enum's variant.
    pub(crate) fn of_variant_member(ctxt: &Ctxt, attributes: &[Attribute]) -> Self {
        Self::parse(ctxt, attributes, &VARIANT_MEMBER)
    }

    /// On a property of the state.
    pub(crate) fn of_property(ctxt: &Ctxt, attributes: &[Attribute]) -> Self {
        Self::parse(ctxt, attributes, &STATE_PROPERTY)
    }

    fn parse(ctxt: &Ctxt, attributes: &[Attribute], place: &Place) -> Self {
        let mut attrs = Self::default();
        for pair in pairs_of(ctxt, ARG, attributes) {
            if place.keys.iter().any(|known| pair.key == *known) {
                attrs.take(ctxt, &pair);
            } else {
                pair.unknown(ctxt, place);
            }
        }
        attrs
    }

    fn take(&mut self, ctxt: &Ctxt, pair: &Pair) {
        if pair.key == DEFAULT {
            pair.keep(ctxt, pair.optional_expr(ctxt), &mut self.default);
        } else if pair.key == REST {
            pair.keep(ctxt, pair.flag(ctxt), &mut self.rest);
        } else if pair.key == CHECK {
            pair.keep(ctxt, pair.path(ctxt, "is_valid"), &mut self.check);
        } else {
            pair.keep(ctxt, pair.flag(ctxt), &mut self.any_float);
        }
    }
}
