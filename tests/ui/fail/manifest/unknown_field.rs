//! What is said is said of a field of the files.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Server {
            fn knok;
        }
    }
}

fn main() {}
