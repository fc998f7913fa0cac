//! What is said of the view of every node is said of a field that it has.

magicnet::manifest! {
    "ui/manifests/dot.json";

    pub mod dot {
        trait Both {
            fn blnk;
        }
    }
}

fn main() {}
