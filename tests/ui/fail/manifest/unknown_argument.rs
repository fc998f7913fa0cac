//! What is said is said of an argument of the files.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Server {
            fn knock(time: u8);
        }
    }
}

fn main() {}
