//! The roles are those of contracts.

magicnet::manifest! {
    "ui/manifests/role.json"
}

fn main() {}
