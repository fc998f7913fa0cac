//! Whose a role with another number is, is said.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/role.json"
}

fn main() {}
