//! What has a client and a server is not the same on every node.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Both {
            fn knock;
        }
    }
}

fn main() {}
