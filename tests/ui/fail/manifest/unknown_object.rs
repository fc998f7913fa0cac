//! What is said is said of an object of the files.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod dor {}
}

fn main() {}
