//! A field is a property or a call.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        struct State {
            #[network_field(to = viewers)]
            pub open,
        }
        trait Client {
            fn set_open;
        }
    }
}

fn main() {}
