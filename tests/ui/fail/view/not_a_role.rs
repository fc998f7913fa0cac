//! A view implements a role of a contract.

use magicnet::prelude::*;

pub trait Knocker {
    fn knock(&self);
    fn rap(&self);
}

#[derive(Default)]
pub struct Door;

#[network_object]
impl Knocker for Door {
    fn knock(&self) {}
    fn rap(&self) {}
}

fn main() {}
