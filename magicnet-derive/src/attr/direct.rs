//! The keys of `#[network_object]` on a struct.

use proc_macro2::TokenStream;
use syn::Path;

use super::container::ContractAttrs;
use super::{Attr, Place, pairs};
use crate::ctxt::Ctxt;
use crate::model::RoleKind;
use crate::symbol::{
    BOTH_WORD, CLIENT_WORD, CREATE, FACTORY, NAME, ON_OWNER_LEFT, PEER, ROLE, ROLES, SERVER_WORD,
};

/// `#[network_object(...)]` on a struct.
#[derive(Default)]
pub(crate) struct DirectAttrs {
    pub(crate) contract: ContractAttrs,
    pub(crate) role: Attr<RoleKind>,
    pub(crate) peer: Attr<Path>,
}

const STRUCT: Place = Place {
    name: "`#[network_object]` on a struct",
    keys: &[NAME, ROLE, PEER, CREATE, ON_OWNER_LEFT, ROLES],
    elsewhere: &[(FACTORY, "write it on the `impl` with `#[network_object]`")],
};

impl DirectAttrs {
    pub(crate) fn parse(ctxt: &Ctxt, arguments: TokenStream) -> Self {
        let before = ctxt.count();
        let mut attrs = Self::default();
        for pair in pairs(ctxt, arguments) {
            if pair.key == ROLE {
                let words = [
                    (SERVER_WORD, RoleKind::Server),
                    (CLIENT_WORD, RoleKind::Client),
                    (BOTH_WORD, RoleKind::Both),
                ];
                pair.keep(ctxt, pair.word(ctxt, &words, &[]), &mut attrs.role);
            } else if pair.key == PEER {
                pair.keep(ctxt, pair.type_path(ctxt, "DoorClient"), &mut attrs.peer);
            } else if !attrs.contract.take(ctxt, &pair) {
                pair.unknown(ctxt, &STRUCT);
            }
        }
        attrs.contract.understood = ctxt.count() == before;
        attrs
    }

    /// The role; the server's if it is missing, which is an error.
    pub(crate) fn role(&self) -> RoleKind {
        self.role.value().copied().unwrap_or(RoleKind::Server)
    }
}
