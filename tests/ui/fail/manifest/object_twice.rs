//! An object is there once.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {}
    #[network_object(name = "door")]
    pub mod gate {}
}

fn main() {}
