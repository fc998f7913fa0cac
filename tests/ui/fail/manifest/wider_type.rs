//! A type takes no more than Python does.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Server {
            fn knock(times: u16);
        }
    }
}

fn main() {}
