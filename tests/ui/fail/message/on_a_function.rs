//! A message is a struct.

use magicnet::prelude::*;

#[message(id = 65, from = client)]
fn say() {}

fn main() {}
