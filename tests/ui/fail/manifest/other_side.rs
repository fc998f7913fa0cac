//! A field belongs to one side.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Client {
            fn knock;
        }
    }
}

fn main() {}
