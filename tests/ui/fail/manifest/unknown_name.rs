//! The name is that of an object of the files.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    #[network_object(name = "one-door")]
    pub mod door {}
}

fn main() {}
