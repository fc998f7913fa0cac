//! The manifest: a role's tables as the JSON that Python MagicNet loads.

/// One role's manifest.
#[derive(Clone, Debug)]
pub struct Manifest {}
impl Manifest {
    /// x
    pub fn of(_: &super::Schema, _: super::Role) -> Self {
        Self {}
    }
}
