//! There are no other items.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        use super::*;
    }
}

fn main() {}
