//! Where a file is missing, what is said of its objects is no mistake of its own.

magicnet::manifest! {
    "ui/manifests/missing.json";

    pub mod door {
        trait Server {
            fn knock;
        }
    }
}

fn main() {}
