//! A default is a value of its type.

magicnet::manifest! {
    "ui/manifests/odd_default.json"
}

fn main() {}
