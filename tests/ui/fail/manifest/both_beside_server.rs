//! The view of every node stands alone.

magicnet::manifest! {
    "ui/manifests/dot.json";

    pub mod dot {
        trait Both {
            fn blink;
        }
        trait Server {
            fn blink;
        }
    }
}

fn main() {}
