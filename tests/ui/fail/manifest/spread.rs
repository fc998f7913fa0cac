//! What is one argument in Python is not spread.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        struct State {
            #[network_field(to = viewers, spread)]
            open,
        }
    }
}

fn main() {}
