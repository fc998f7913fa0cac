//! The words of the attributes, each written once.

use std::fmt;

use syn::Ident;

/// A key, a value or a name that the macros know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Symbol(&'static str);

impl Symbol {
    pub(crate) const fn as_str(self) -> &'static str {
        self.0
    }
}

impl PartialEq<Symbol> for Ident {
    fn eq(&self, other: &Symbol) -> bool {
        self == other.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! symbols {
    ($($name:ident $text:literal)*) => {
        $(pub(crate) const $name: Symbol = Symbol($text);)*
    };
}

symbols! {
    // The attributes.
    NETWORK_FIELD "network_field"
    NETWORK_OBJECT "network_object"
    ARG "arg"

    // Keys.
    ALLOW "allow"
    ALWAYS "always"
    ANY_FLOAT "any_float"
    BEFORE_HANDSHAKE "before_handshake"
    CHECK "check"
    CREATE "create"
    DEFAULT "default"
    FACTORY "factory"
    FROM "from"
    ID "id"
    INDEX "index"
    INIT "init"
    NAME "name"
    ON_OWNER_LEFT "on_owner_left"
    PERSIST "persist"
    RATE "rate"
    REST "rest"
    PEER "peer"
    ROLE "role"
    ROLES "roles"
    SPREAD "spread"
    TO "to"
    VIA "via"
    WIRE "wire"

    // Values.
    ANYONE "anyone"
    BOTH_WORD "both"
    CLIENT_WORD "client"
    CREATOR "creator"
    DB "db"
    DESTROY "destroy"
    KEEP "keep"
    NOBODY "nobody"
    NONE "none"
    OWNER "owner"
    RAM "ram"
    RELIABLE "reliable"
    SEQUENCED "sequenced"
    SERVER_WORD "server"
    UNRELIABLE "unreliable"
    VIEWERS "viewers"

    // Items of a contract module.
    BOTH "Both"
    CLIENT "Client"
    SERVER "Server"
    STATE "State"
}

/// Keys that a later version of the library will know, wherever they are going to stand.
pub(crate) const RESERVED_KEYS: &[Symbol] =
    &[Symbol("db"), Symbol("deadline"), Symbol("max_rate"), Symbol("reply"), Symbol("version")];

/// The words that are a value somewhere: where one of them does not belong, it is no function's name.
pub(crate) const WORDS: &[Symbol] =
    &[ANYONE, CLIENT_WORD, CREATOR, DESTROY, KEEP, NOBODY, NONE, OWNER, RAM, SERVER_WORD, VIEWERS];
