//! The type of a rest is one error.

use magicnet::prelude::*;

pub struct Key;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn unlock(&mut self, #[arg(rest)] keys: List<Key, 4>);
    }
}

fn main() {}
