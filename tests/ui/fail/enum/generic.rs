//! An enum has one form.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door<T> {
    Open(T),
    Closed,
}

fn main() {}
