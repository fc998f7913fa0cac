//! What connects is nothing to listen on.

use magicnet::{Node, Tcp};

fn main() {
    let _ = Node::server().listen(Tcp::connect("127.0.0.1:5001"));
}
