//! The struct says what it is.

use magicnet::prelude::*;

#[derive(Default)]
pub struct Door;

#[network_object]
impl Door {}

fn main() {}
