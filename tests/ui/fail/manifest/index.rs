//! The files say the numbers.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Server {
            #[network_field(index = 0)]
            fn knock();
        }
    }
}

fn main() {}
