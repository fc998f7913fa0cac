//! The keys of `#[network_field]` on calls.

use syn::{Attribute, LitInt, LitStr, Path};

use super::{Attr, Pair, Place, WordOrPath, pairs_of};
use crate::ctxt::Ctxt;
use crate::model::{Persist, RoleKind, Who};
use crate::symbol::{
    ALLOW, ALWAYS, ANYONE, CHECK, DB, DEFAULT, FROM, INDEX, INIT, NETWORK_FIELD, NOBODY, NONE, OWNER,
    PERSIST, RAM, SERVER_WORD, SPREAD, Symbol, TO, VIEWERS, WIRE,
};

/// `#[network_field(...)]` on a call.
#[derive(Default)]
pub(crate) struct CallAttrs {
    /// `from` in `Server`, `to` in `Client`.
    pub(crate) who: Attr<Who>,
    /// The function that accepts senders, with [`Who::Accepted`].
    pub(crate) by: Option<Path>,
    pub(crate) wire: Attr<LitStr>,
    pub(crate) index: Attr<LitInt>,
    pub(crate) persist: Attr<Persist>,
}

const STATE_ONLY: &str = "it is for properties of the state";
const ALLOW_HINT: &str = "it is for messages; a call of `Server` names the function by `from = path`";

const SERVER_CALL: Place = Place {
    name: "`#[network_field]` on a call of `Server`",
    keys: &[FROM, WIRE, INDEX, PERSIST],
    elsewhere: &[
        (
            TO,
            "the server's view receives this call; say who may make it by `from = owner`, `anyone` or `server`",
        ),
        (ALWAYS, STATE_ONLY),
        (INIT, STATE_ONLY),
        (SPREAD, "it is for a tuple of the state; a call has as many arguments as it likes"),
        (ALLOW, ALLOW_HINT),
        (DEFAULT, "an argument has a default by `#[arg(default)]`"),
        (CHECK, "an argument is checked by `#[arg(check = is_valid)]`"),
    ],
};

const CLIENT_CALL: Place = Place {
    name: "`#[network_field]` on a call of `Client`",
    keys: &[TO, WIRE, INDEX, PERSIST],
    elsewhere: &[
        (FROM, "the server alone calls client views; say which of them by `to = viewers` or `owner`"),
        (ALWAYS, STATE_ONLY),
        (INIT, STATE_ONLY),
        (SPREAD, "it is for a tuple of the state; a call has as many arguments as it likes"),
        (ALLOW, ALLOW_HINT),
        (DEFAULT, "an argument has a default by `#[arg(default)]`"),
        (CHECK, "an argument is checked by `#[arg(check = is_valid)]`"),
    ],
};

const CALLERS: &[(Symbol, Who)] = &[(OWNER, Who::Owner), (ANYONE, Who::Anyone), (SERVER_WORD, Who::Server)];
const RECEIVERS: &[(Symbol, Who)] = &[(VIEWERS, Who::Viewers), (OWNER, Who::Owner)];
const PERSISTENCE: &[(Symbol, Persist)] = &[(RAM, Persist::Ram), (NONE, Persist::None)];

impl CallAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, attributes: &[Attribute], role: RoleKind) -> Self {
        let mut attrs = Self::default();
        for pair in pairs_of(ctxt, NETWORK_FIELD, attributes) {
            match role {
                RoleKind::Server if pair.key == FROM => attrs.take_caller(ctxt, &pair),
                RoleKind::Client if pair.key == TO => {
                    let word = pair.word(ctxt, RECEIVERS, &[SERVER_WORD, NOBODY]);
                    pair.keep(ctxt, word, &mut attrs.who);
                }
                _ => attrs.take(ctxt, &pair, role),
            }
        }
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
        pair.keep(ctxt, who, &mut self.who);
    }

    fn take(&mut self, ctxt: &Ctxt, pair: &Pair, role: RoleKind) {
        if pair.key == WIRE {
            pair.keep(ctxt, pair.text(ctxt), &mut self.wire);
        } else if pair.key == INDEX {
            pair.keep(ctxt, pair.number(ctxt), &mut self.index);
        } else if pair.key == PERSIST {
            pair.keep(ctxt, pair.word(ctxt, PERSISTENCE, &[DB]), &mut self.persist);
        } else {
            pair.unknown(
                ctxt,
                match role {
                    RoleKind::Server => &SERVER_CALL,
                    RoleKind::Client => &CLIENT_CALL,
                },
            );
        }
    }
}
