//! An enum has no `where` clause.

use magicnet::prelude::*;

#[derive(NetworkType)]
pub enum Door
where
    u8: Copy,
{
    Open,
}

fn main() {}
