//! What a creator gives is of the property's type.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, init = creator)]
        pub open: bool,
    }
}

fn make(node: &magicnet::NodeHandle) {
    let _ = node.create::<door::Contract>().init(|door| door.open(3));
}

fn main() {}
