//! A call is there once.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Server {
            fn knock;
            fn knock;
        }
    }
}

fn main() {}
