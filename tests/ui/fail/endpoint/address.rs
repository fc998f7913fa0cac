//! An address alone does not say which transport is meant.

use magicnet::Node;

fn main() {
    let _ = Node::server().listen("127.0.0.1:5001");
}
