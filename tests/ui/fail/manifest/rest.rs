//! One argument does not take the rest.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Server {
            fn shout(#[arg(rest)] text);
        }
    }
}

fn main() {}
