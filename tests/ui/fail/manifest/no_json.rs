//! A file is JSON.

magicnet::manifest! {
    "ui/manifests/no_json.json"
}

fn main() {}
