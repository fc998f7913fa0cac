//! The keys of `#[network_field]` on calls.

use syn::{Attribute, LitStr};

use super::{Attr, Place, pairs_of};
use crate::ctxt::Ctxt;
use crate::model::{RoleKind, Who};
use crate::symbol::{
    ALWAYS, ANYONE, CHECK, DEFAULT, FROM, NETWORK_FIELD, NOBODY, OWNER, SERVER_WORD, Symbol, TO, VIEWERS,
    WIRE,
};

/// `#[network_field(...)]` on a call.
#[derive(Default)]
pub(crate) struct CallAttrs {
    /// In `Server` and `Both`.
    pub(crate) from: Attr<Who>,
    /// In `Client` and `Both`.
    pub(crate) to: Attr<Who>,
    pub(crate) wire: Attr<LitStr>,
    /// Whether all of it could be read. If not, what is missing may be what was meant.
    pub(crate) understood: bool,
}

const STATE_ONLY: &str = "it is for properties of the state";

const SERVER_CALL: Place = Place {
    name: "`#[network_field]` on a call of `Server`",
    keys: &[FROM, WIRE],
    elsewhere: &[
        (
            TO,
            "the server's view receives this call; say who may make it by `from = owner`, `anyone` or `server`",
        ),
        (ALWAYS, STATE_ONLY),
        (DEFAULT, "an argument has a default by `#[arg(default)]`"),
        (CHECK, "an argument is checked by `#[arg(check = is_valid)]`"),
    ],
};

const CLIENT_CALL: Place = Place {
    name: "`#[network_field]` on a call of `Client`",
    keys: &[TO, WIRE],
    elsewhere: &[
        (FROM, "the server alone calls client views; say which of them by `to = viewers` or `owner`"),
        (ALWAYS, STATE_ONLY),
        (DEFAULT, "an argument has a default by `#[arg(default)]`"),
        (CHECK, "an argument is checked by `#[arg(check = is_valid)]`"),
    ],
};

const SYMMETRIC_CALL: Place = Place {
    name: "`#[network_field]` on a call of `Both`",
    keys: &[FROM, TO, WIRE],
    elsewhere: &[
        (ALWAYS, STATE_ONLY),
        (DEFAULT, "an argument has a default by `#[arg(default)]`"),
        (CHECK, "an argument is checked by `#[arg(check = is_valid)]`"),
    ],
};

/// In the direct form the attribute itself says which way the call goes.
const DIRECT_CALL: Place = Place { name: "`#[network_field]` on a call", ..SYMMETRIC_CALL };

const CALLERS: &[(Symbol, Who)] = &[(OWNER, Who::Owner), (ANYONE, Who::Anyone), (SERVER_WORD, Who::Server)];
const RECEIVERS: &[(Symbol, Who)] = &[(VIEWERS, Who::Viewers), (OWNER, Who::Owner)];

impl CallAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, attributes: &[Attribute], role: RoleKind) -> Self {
        let place = match role {
            RoleKind::Server => &SERVER_CALL,
            RoleKind::Client => &CLIENT_CALL,
            RoleKind::Both => &SYMMETRIC_CALL,
        };
        Self::parse_in(ctxt, attributes, place)
    }

    /// In the direct form.
    pub(crate) fn of_direct(ctxt: &Ctxt, attributes: &[Attribute]) -> Self {
        Self::parse_in(ctxt, attributes, &DIRECT_CALL)
    }

    fn parse_in(ctxt: &Ctxt, attributes: &[Attribute], place: &Place) -> Self {
        let before = ctxt.count();
        let mut attrs = Self::default();
        for pair in pairs_of(ctxt, NETWORK_FIELD, attributes) {
            if pair.key == FROM && place.keys.contains(&FROM) {
                pair.keep(ctxt, pair.word(ctxt, CALLERS, &[]), &mut attrs.from);
            } else if pair.key == TO && place.keys.contains(&TO) {
                pair.keep(ctxt, pair.word(ctxt, RECEIVERS, &[SERVER_WORD, NOBODY]), &mut attrs.to);
            } else if pair.key == WIRE {
                pair.keep(ctxt, pair.text(ctxt), &mut attrs.wire);
            } else {
                pair.unknown(ctxt, place);
            }
        }
        attrs.understood = ctxt.count() == before;
        attrs
    }
}
