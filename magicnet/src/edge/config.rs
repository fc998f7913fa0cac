//! How the connections over one endpoint are treated.

use crate::line::Opening;
use crate::schema::Role;

/// How the connections over one endpoint are treated: who is at the other end, and what is done to their bytes.
///
/// A node with endpoints of its own makes these by [`NodeBuilder::listen`](crate::NodeBuilder::listen) and
/// [`NodeBuilder::connect`](crate::NodeBuilder::connect). Who drives a node by hand gives one with every
/// [`Node::handle_opened`](crate::Node::handle_opened); clones are cheap.
#[derive(Clone, Debug)]
pub struct ConnectionConfig {
    pub(super) opening: Opening,
    /// What this node is to the other side; `None`: as the node or the opening says.
    pub(super) role: Option<Role>,
    pub(super) peer: Role,
}

impl ConnectionConfig {
    /// For connections that this node accepts; the other side has the role client, unless told otherwise.
    pub fn accepted() -> Self {
        Self { opening: Opening::Accepted, role: None, peer: Role::CLIENT }
    }

    /// For connections that this node makes; the other side has the role server, unless told otherwise.
    pub fn dialed() -> Self {
        Self { opening: Opening::Dialed, role: None, peer: Role::SERVER }
    }

    /// What this node is to the other side; if nothing is said, [what it is anyway](crate::NodeBuilder::role).
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// What the other side is to this node.
    #[must_use]
    pub fn peer_role(mut self, role: Role) -> Self {
        self.peer = role;
        self
    }
}
