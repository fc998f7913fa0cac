//! A closure is no router.

use magicnet::Node;

fn main() {
    let _ = Node::server().router(|_, _| true);
}
