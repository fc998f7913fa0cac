//! A file is a manifest.

magicnet::manifest! {
    "ui/manifests/no_manifest.json"
}

fn main() {}
