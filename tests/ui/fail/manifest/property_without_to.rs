//! A property says who sees it.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        struct State {
            pub open,
        }
    }
}

fn main() {}
