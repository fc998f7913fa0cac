//! What is said stands behind a semicolon.

magicnet::manifest! {
    "ui/manifests/client.json"
    mod door {}
}

fn main() {}
