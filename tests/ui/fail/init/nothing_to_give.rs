//! Where nothing is left to the creator, there is nothing to say.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
}

fn make(node: &magicnet::NodeHandle) {
    let _ = node.create::<door::Contract>().init(|door| door.open(true));
}

fn main() {}
