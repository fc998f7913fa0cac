//! A type is of the kind that Python says.

use magicnet::prelude::*;

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Server {
            fn shout(text: Bytes<16>);
        }
    }
}

fn main() {}
