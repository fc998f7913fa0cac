//! The type of an argument with a default is one error.

use magicnet::prelude::*;

#[derive(Default)]
pub struct Key;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn unlock(&mut self, #[arg(default)] key: Key);
    }
}

fn main() {}
