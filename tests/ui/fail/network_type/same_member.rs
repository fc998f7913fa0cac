//! Members have different names.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Point {
    pub x: f32,
    pub x: f64,
}

fn main() {}
