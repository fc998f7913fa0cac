//! The keys of `#[network_field]` on calls.

use syn::{Attribute, LitInt, LitStr, Path};

use super::{Attr, Pair, Place, WordOrPath, pairs_of};
use crate::ctxt::Ctxt;
use crate::model::{Persist, Rate, RoleKind, Via, Who};
use crate::symbol::{
    ALLOW, ALWAYS, ANYONE, CHECK, DB, DEFAULT, FROM, INDEX, INIT, NETWORK_FIELD, NOBODY, NONE, OWNER,
    PERSIST, RAM, RATE, SERVER_WORD, SPREAD, Symbol, TO, VIA, VIEWERS, WIRE,
};

/// `#[network_field(...)]` on a call.
#[derive(Default)]
pub(crate) struct CallAttrs {
    /// In `Server` and `Both`.
    pub(crate) from: Attr<Who>,
    /// The function that accepts senders, with [`Who::Accepted`].
    pub(crate) by: Option<Path>,
    /// In `Client` and `Both`.
    pub(crate) to: Attr<Who>,
    pub(crate) wire: Attr<LitStr>,
    pub(crate) index: Attr<LitInt>,
    pub(crate) persist: Attr<Persist>,
    /// How often one client may make it.
    pub(crate) rate: Attr<Rate>,
    pub(crate) via: Attr<Via>,
    /// Whether all of it could be read. If not, what is missing may be what was meant.
    pub(crate) understood: bool,
}

const STATE_ONLY: &str = "it is for properties of the state";

/// Where keys belong that no call has.
macro_rules! elsewhere {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            (ALWAYS, STATE_ONLY),
            (INIT, STATE_ONLY),
            (SPREAD, "it is for a tuple of the state; a call has as many arguments as it likes"),
            (ALLOW, "it is for messages; a call to the server names the function by `from = path`"),
            (DEFAULT, "an argument has a default by `#[arg(default)]`"),
            (CHECK, "an argument is checked by `#[arg(check = is_valid)]`"),
        ]
    };
}

const SERVER_CALL: Place = Place {
    name: "`#[network_field]` on a call of `Server`",
    keys: &[FROM, WIRE, INDEX, PERSIST, RATE, VIA],
    elsewhere: elsewhere![(
        TO,
        "the server's view receives this call; say who may make it by `from = owner`, `anyone` or `server`",
    ),],
};

const CLIENT_CALL: Place = Place {
    name: "`#[network_field]` on a call of `Client`",
    keys: &[TO, WIRE, INDEX, PERSIST, VIA],
    elsewhere: elsewhere![
        (FROM, "the server alone calls client views; say which of them by `to = viewers` or `owner`"),
        (RATE, NO_RATE),
    ],
};

const SYMMETRIC_CALL: Place = Place {
    name: "`#[network_field]` on a call of `Both`",
    keys: &[FROM, TO, WIRE, INDEX, PERSIST, RATE, VIA],
    elsewhere: elsewhere![],
};

/// In the direct form the attribute itself says which way the call goes.
const DIRECT_CALL: Place = Place {
    name: "`#[network_field]` on a call",
    keys: &[FROM, TO, WIRE, PERSIST, RATE, VIA],
    elsewhere: elsewhere![(INDEX, NO_INDEX),],
};

/// The fields of a table are in two items, which do not see each other.
pub(crate) const NO_INDEX: &str = "in the direct form the state comes first and then the calls, each in order; \
     for other numbers write a contract module";

/// What a client may cost a server has bounds, what a server says has none.
pub(crate) const NO_RATE: &str = "the server alone calls client views, and it is not held to a rate";

const CALLERS: &[(Symbol, Who)] = &[(OWNER, Who::Owner), (ANYONE, Who::Anyone), (SERVER_WORD, Who::Server)];
const RECEIVERS: &[(Symbol, Who)] = &[(VIEWERS, Who::Viewers), (OWNER, Who::Owner)];
const PERSISTENCE: &[(Symbol, Persist)] = &[(RAM, Persist::Ram), (NONE, Persist::None)];

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
            if place.keys.iter().any(|known| pair.key == *known) {
                attrs.take(ctxt, &pair);
            } else {
                pair.unknown(ctxt, place);
            }
        }
        attrs.understood = ctxt.count() == before;
        attrs
    }

    fn take_caller(&mut self, ctxt: &Ctxt, pair: &Pair) {
        let who = match pair.word_or_path(ctxt, CALLERS, "may_call") {
            Some(WordOrPath::Word(who)) => Some(who),
            Some(WordOrPath::Path(path)) => {
                self.by = Some(path);
                Some(Who::Accepted)
            }
            None => None,
        };
        pair.keep(ctxt, who, &mut self.from);
    }

    /// Keeps what a key says that is known here.
    fn take(&mut self, ctxt: &Ctxt, pair: &Pair) {
        if pair.key == FROM {
            self.take_caller(ctxt, pair);
        } else if pair.key == TO {
            let word = pair.word(ctxt, RECEIVERS, &[SERVER_WORD, NOBODY]);
            pair.keep(ctxt, word, &mut self.to);
        } else if pair.key == WIRE {
            pair.keep(ctxt, pair.text(ctxt), &mut self.wire);
        } else if pair.key == INDEX {
            pair.keep(ctxt, pair.number(ctxt), &mut self.index);
        } else if pair.key == RATE {
            pair.keep(ctxt, pair.rate(ctxt), &mut self.rate);
        } else if pair.key == VIA {
            pair.keep(ctxt, pair.word(ctxt, Via::WORDS, &[]), &mut self.via);
        } else {
            pair.keep(ctxt, pair.word(ctxt, PERSISTENCE, &[DB]), &mut self.persist);
        }
    }
}
