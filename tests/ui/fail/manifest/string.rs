//! A type has a bound.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Server {
            fn shout(text: String);
        }
    }
}

fn main() {}
