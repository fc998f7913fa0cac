//! The parts are those of contracts.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Servr {
            fn knock;
        }
    }
}

fn main() {}
