//! A property is a field of the clients.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        struct State {
            #[network_field(to = viewers)]
            pub opened,
        }
    }
}

fn main() {}
