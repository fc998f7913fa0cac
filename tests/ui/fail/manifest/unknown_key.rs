//! Attributes are those of contracts.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Server {
            #[network_field(form = anyone)]
            fn knock;
        }
    }
}

fn main() {}
