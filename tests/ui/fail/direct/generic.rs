//! Peers could not agree on one form.

use magicnet::prelude::*;

#[network_object(name = "door", role = server)]
#[derive(Default)]
pub struct Door<T> {
    open: T,
}

fn main() {}
