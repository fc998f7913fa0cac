//! A file is named.

magicnet::manifest! {
    mod door {}
}

fn main() {}
