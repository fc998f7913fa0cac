//! A handler takes its event by value.

use magicnet::{Connected, Node};

fn main() {
    let _ = Node::server().on(|_, event: &Connected| println!("{event:?}"));
}
