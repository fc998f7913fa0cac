//! Behind a member with a default each has one.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Point {
    #[arg(default)]
    pub x: f32,
    pub y: f32,
}

fn main() {}
