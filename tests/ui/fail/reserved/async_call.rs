//! `async` calls are reserved for a later version.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        async fn knock(&mut self);
    }
}

fn main() {}
