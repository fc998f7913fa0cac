//! What Python does not bound is bounded here.

magicnet::manifest! {
    "ui/manifests/loose.json"
}

fn main() {}
