//! The function looks at an object of this contract.

use magicnet::prelude::*;

#[network_object(name = "gate")]
pub mod gate {
    pub trait Server {
        fn knock(&mut self);
    }
}

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        #[network_field(from = may_knock)]
        fn knock(&mut self);
    }
}

fn may_knock(_: &magicnet::Connection, _: &magicnet::Subject<'_, gate::Contract>) -> bool {
    true
}

fn main() {}
