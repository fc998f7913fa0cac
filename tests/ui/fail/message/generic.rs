//! Generic structs are reserved for a later version.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
pub struct Say<T> {
    pub text: T,
}

fn main() {}
