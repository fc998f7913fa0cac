//! A creator gives what is left to it, and no other property.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = viewers, init = creator)]
        pub open: bool,
        #[network_field(to = viewers)]
        pub knocks: u32,
    }
}

fn make(node: &magicnet::NodeHandle) {
    let _ = node.create::<door::Contract>().init(|door| door.knocks(3));
}

fn main() {}
