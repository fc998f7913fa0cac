//! Unknown keys are refused, with the one that was probably meant.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub struct Point {
    #[arg(any_flaot)]
    pub x: f32,
}

fn main() {}
