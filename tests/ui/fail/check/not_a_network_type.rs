//! A check does not make a type a network type.

use magicnet::prelude::*;

pub struct Hinge;

fn is_polite(_: &Hinge) -> bool {
    true
}

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self, #[arg(check = is_polite)] by: Hinge);
    }
}

fn main() {}
