//! What is said of one argument leaves the others to be said.

use magicnet::prelude::*;

magicnet::manifest! {
    "ui/manifests/loose.json";

    pub mod one_chat {
        trait Server {
            fn say(text: Str<64>);
            fn tag(tags: List<Str<16>, 8>);
            fn put(scores: Map<Str<16>, i32, 8>);
        }
    }
}

fn main() {}
