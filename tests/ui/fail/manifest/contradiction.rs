//! Files agree on a role.

magicnet::manifest! {
    "ui/manifests/server.json", "ui/manifests/changed.json"
}

fn main() {}
