//! A file is there.

magicnet::manifest! {
    "ui/manifests/clients.json"
}

fn main() {}
