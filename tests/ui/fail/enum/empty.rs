//! An enum has a variant at least.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door {}

fn main() {}
