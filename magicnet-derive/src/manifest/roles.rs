//! Which role of a contract each table of the files is: Python has numbers for them, and no names.

use super::files::{Object, RoleTable};
use super::input::Edit;
use crate::ctxt::Ctxt;
use crate::model::RoleKind;

/// The roles of one object, each with its number.
pub(super) struct Roles<'a> {
    object: &'a Object<'a>,
    numbers: Vec<(RoleKind, u8)>,
    /// Whether each table of the files is one of them. If not, what is said of a field may be right.
    pub(super) are_all: bool,
}

impl<'a> Roles<'a> {
    /// What is said of them decides. Where nothing is, an object with one role is the same on every node, unless the
    /// role's number is the usual one of servers; any other has clients and a server.
    pub(super) fn assign(ctxt: &Ctxt, object: &'a Object<'a>, edit: Option<&Edit>) -> Self {
        let said = edit.map(Edit::said).unwrap_or_default().roles;
        let is_said =
            |kind| said.number(kind).is_some() || edit.is_some_and(|edit| edit.role(kind).is_some());
        let two = [RoleKind::Client, RoleKind::Server];
        let is_alone = matches!(object.tables[..], [only] if only.number != RoleKind::Server.usual_number());
        let is_symmetric = is_said(RoleKind::Both) || is_alone && !two.into_iter().any(is_said);
        let numbers = if is_symmetric {
            let first = object.tables.first().map_or(0, |table| table.number);
            vec![(
                RoleKind::Both,
                said.number(RoleKind::Both).and_then(|it| it.value()).copied().unwrap_or(first),
            )]
        } else {
            two.map(|kind| (kind, said.number_of(kind))).to_vec()
        };
        let is_one = |table: &&RoleTable<'_>| numbers.iter().any(|(_, number)| *number == table.number);
        let strange: Vec<_> = object.tables.iter().filter(|table| !is_one(table)).collect();
        let roles = Self { object, are_all: strange.is_empty(), numbers };
        let both = edit.and_then(|edit| edit.role(RoleKind::Both)).map(|(part, _)| &part.ident);
        for table in strange {
            let message = roles.none_of_them(table.number);
            match both {
                Some(both) => ctxt.error(both, message),
                None => ctxt.error(table.file, message),
            }
        }
        roles
    }

    /// The files know a role that the contract does not have.
    fn none_of_them(&self, number: u8) -> String {
        let object = self.object.name;
        match self.numbers[..] {
            [_] if self.object.tables.len() == 1 => {
                format!(
                    "object `{object}` has the role {number}: leave `roles(..)` out, or write `both = {number}`"
                )
            }
            [(_, one)] => format!(
                "object `{object}` has the role {number} beside {one}, so its views are not the same on every node: \
                 write `Server` and `Client` instead of `Both`"
            ),
            _ => {
                let mut there: Vec<u8> = self.object.tables.iter().map(|table| table.number).collect();
                there.sort_unstable();
                let (client, server) = if let [one, two] = there[..] { (one, two) } else { (0, 1) };
                format!(
                    "object `{object}` has the role {number}, and here {} is its clients' and {} its server's: \
                     say whose is which, as in `#[network_object(roles(client = {client}, server = {server}))]`",
                    self.number(RoleKind::Client),
                    self.number(RoleKind::Server),
                )
            }
        }
    }

    pub(super) fn is_symmetric(&self) -> bool {
        matches!(self.numbers[..], [_])
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = RoleKind> {
        self.numbers.iter().map(|(kind, _)| *kind)
    }

    /// The role whose views see the state change.
    pub(super) fn watcher(&self) -> RoleKind {
        self.numbers[0].0
    }

    /// The role's number on the wire.
    pub(super) fn number(&self, kind: RoleKind) -> u8 {
        let said = self.numbers.iter().find(|(known, _)| *known == kind);
        said.map_or_else(|| kind.usual_number(), |(_, number)| *number)
    }

    /// What the files say of a role, if they do.
    pub(super) fn table(&self, kind: RoleKind) -> Option<RoleTable<'a>> {
        let (_, number) = self.numbers.iter().find(|(known, _)| *known == kind)?;
        self.object.tables.iter().find(|table| table.number == *number).copied()
    }
}
