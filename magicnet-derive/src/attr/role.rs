//! Roles as values of keys: `client`, `server`, those of the application's own, and lists of them.

use syn::{Expr, ExprLit, Lit};

use super::{Pair, Value, as_word};
use crate::ctxt::Ctxt;
use crate::model::{RoleName, Sender};
use crate::suggest::slip_of;
use crate::symbol::{ANYONE, CLIENT_WORD, NOBODY, OWNER, SERVER_WORD, VIEWERS};

/// More roles than this are what `anyone` with a check in the handler is for; `Role::new` has the bound of a name.
const MAX_ROLES: usize = 16;
const MAX_NAME: usize = 64;

/// The value of `from` on a message: `anyone`, a role, or several roles in brackets.
pub(super) fn sender(ctxt: &Ctxt, pair: &Pair) -> Option<Sender> {
    let Value::Is(expr) = &pair.value else {
        ctxt.error(pair, format!("`{}` needs a value: {}", pair.key, senders()));
        return None;
    };
    match expr {
        Expr::Array(list) => {
            let mut roles = Vec::new();
            for element in &list.elems {
                let role = role_of(ctxt, pair, element, Words::InList)?;
                if roles.contains(&role) {
                    ctxt.error(element, "this role is in the list already");
                }
                roles.push(role);
            }
            if roles.is_empty() {
                ctxt.error(list, format!("nobody sends it: `{}` is {}", pair.key, senders()));
            } else if roles.len() > MAX_ROLES {
                ctxt.error(
                    list,
                    format!("at most {MAX_ROLES} roles; write `anyone` and look in the handler"),
                );
            }
            Some(Sender::Roles(roles))
        }
        _ if is_unquoted(expr) && as_word(expr).is_some_and(|word| word == ANYONE.as_str()) => {
            Some(Sender::Anyone)
        }
        _ => role_of(ctxt, pair, expr, Words::OfMessage).map(|role| Sender::Roles(vec![role])),
    }
}

/// The value of `role` on a handler.
pub(super) fn role(ctxt: &Ctxt, pair: &Pair) -> Option<RoleName> {
    let Value::Is(expr) = &pair.value else {
        ctxt.error(pair, format!("`{}` needs a value: {}", pair.key, roles()));
        return None;
    };
    role_of(ctxt, pair, expr, Words::OfHandler)
}

/// Where a role stands, and so which words could have been meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    OfMessage,
    InList,
    OfHandler,
}

impl Words {
    fn choice(self) -> String {
        if self == Self::OfHandler { roles() } else { senders() }
    }
}

fn senders() -> String {
    format!("`{CLIENT_WORD}`, `{SERVER_WORD}`, `{ANYONE}`, or a role of your own")
}

fn roles() -> String {
    format!("`{SERVER_WORD}`, `{CLIENT_WORD}`, or a role of your own")
}

/// One role. Any word may be one, so only what is certain is an error: words that mean something else, and slips of
/// the known words, which in quotes are taken as they stand.
fn role_of(ctxt: &Ctxt, pair: &Pair, expr: &Expr, place: Words) -> Option<RoleName> {
    let key = &pair.key;
    let Some(word) = as_word(expr) else {
        ctxt.error(expr, format!("`{key}` is {}", place.choice()));
        return None;
    };
    let known = [CLIENT_WORD, SERVER_WORD, ANYONE];
    let of_calls = [OWNER, VIEWERS, NOBODY];
    if word == ANYONE.as_str() {
        let hint = match place {
            Words::OfHandler => "for handlers that is the same as leaving `role` out".to_owned(),
            _ => format!("write `{key} = {ANYONE}`, without a list and without quotes"),
        };
        ctxt.error(expr, format!("`{ANYONE}` is no role: {hint}"));
        return None;
    }
    if is_unquoted(expr) {
        if of_calls.iter().any(|known| word == known.as_str()) {
            ctxt.error(
                expr,
                format!("`{word}` is a word for calls of objects; here `{key}` is {}", place.choice()),
            );
            return None;
        }
        if let Some(near) = slip_of(&word, known.iter().map(|known| known.as_str())) {
            let message = format!(
                "`{key}` is {}; did you mean `{near}`? If a role is called so, put it in quotes: \"{word}\"",
                place.choice()
            );
            ctxt.error(expr, message);
            return None;
        }
    } else if known.iter().any(|known| word == known.as_str()) {
        ctxt.error(expr, format!("write it without quotes: {word}"));
    }
    if word.is_empty() || word.len() > MAX_NAME {
        ctxt.error(expr, format!("the name of a role has 1 to {MAX_NAME} bytes"));
        return None;
    }
    Some(RoleName(word))
}

fn is_unquoted(expr: &Expr) -> bool {
    !matches!(expr, Expr::Lit(ExprLit { lit: Lit::Str(_), .. }))
}
